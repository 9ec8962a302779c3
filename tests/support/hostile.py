"""Texts that mean something to SQL, Jinja, a shell, a log, YAML or a path: none may get anywhere by a name or a key."""

from __future__ import annotations

# By what would act on it. A name is the id of a test.
SQL = {
    "a closing quote and a statement": "x'; DROP TABLE sales; --",
    "a closing double quote": 'x" OR "1"="1',
    "a backtick": "x` (a int)",
    "a comment": "x/* */--",
    "an always true condition": "x' OR '1'='1",
}
JINJA = {
    "an expression": "{{ 7*7 }}",
    "a statement": "{% for x in y %}",
    "a comment of Jinja": "{# x #}",
    "a way to the interpreter": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "a secret of Airflow": "{{ conn.aws_analytics.password }}",
}
SHELL = {
    "a substitution": "$(touch pwned)",
    "backticks": "`touch pwned`",
    "a second command": "x; rm -rf /",
    "a pipe": "x | sh",
    "a redirection": "x > /etc/passwd",
    "a variable": "${AWS_SECRET_ACCESS_KEY}",
    "an option's sign and a quote": "--'x",
}
LOGS = {
    "a line break": "x\n2026-01-01 INFO all is well",
    "a return": "x\rall is well",
    "an escape sequence": "x\x1b[2Jy",
    "a line separator": "x\u2028y",
    "a next line": "x\x85y",
    "right to left": "x\u202ey",
    "markup": "<script>alert(1)</script>",
}
OTHERS = {
    "a format of Python": "%(x)s %s {0!r}",
    "a backslash": "x\\y",
    "full width quotes": "x\uff07y\uff02",
    "a very long text": "x'" * 400,
}
TEXTS: dict[str, str] = {**SQL, **JINJA, **SHELL, **LOGS, **OTHERS}
