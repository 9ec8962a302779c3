"""What a process of a campaign finds out once instead of for every one of its hundred thousand clients.

A trial makes some seventy sessions and as many clients, as tasks do, and throws them away. Most of what botocore
computes for one is the same each time: which operations a service has, what its rules of endpoints are, which arguments
a handler takes. Here it is computed once. What a client does when it is called stays botocore's own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import lru_cache
from types import FunctionType, MethodType
from typing import Any

from airflow.sdk._shared.secrets_masker import reset_secrets_masker
from botocore import handlers, hooks, httpsession, regions, useragent
from botocore.client import ClientCreator
from botocore.session import Session

# Pauses between botocore's attempts, between looks at a query, between writers of the ledger: they are made, the code
# that makes them runs, but none is longer than this. No trial depends on how long one is.
LONGEST_PAUSE, LONGEST_OF_TRIGGERS = 0.01, 0.2


def shorten_pauses() -> None:
    """Let no pause of this process be longer than LONGEST_PAUSE, and none of its triggers than LONGEST_OF_TRIGGERS."""
    pause, pause_of_triggers = time.sleep, asyncio.sleep
    time.sleep = lambda seconds: pause(min(seconds, LONGEST_PAUSE))
    asyncio.sleep = lambda seconds, result=None: pause_of_triggers(min(seconds, LONGEST_OF_TRIGGERS), result)


def share_what_never_changes() -> None:
    """Let botocore's sessions and clients share what is the same for all of them, from now on in this process."""
    names: dict[str, str] = {}
    _put(hooks.EventAliaser, "_alias_name_cache", property(lambda _: names, lambda *_: None))
    _put(hooks, "accepts_kwargs", _once_a_function(hooks.accepts_kwargs))
    _share_tries(hooks._PrefixTrie)
    _put(Session, "_register_builtin_handlers", _copied_handlers(Session._register_builtin_handlers))
    _put(ClientCreator, "_load_service_model", _once_a_service(ClientCreator._load_service_model))
    _put(ClientCreator, "_create_methods", _methods_once(ClientCreator._create_methods))
    _put(regions, "EndpointProvider", _once_a_ruleset(regions.EndpointProvider))
    _put(httpsession.URLLib3Session, "_get_ssl_context", _once(httpsession.URLLib3Session._get_ssl_context))
    told = useragent.UserAgentComponent
    _put(told, "to_string", lru_cache(maxsize=None)(told.to_string))


def forget_secrets() -> None:
    """Let Airflow's masker forget the keys of trials that are over: it compiles all it knows for each new one."""
    reset_secrets_masker()


def _put(owner: Any, name: str, value: Any) -> None:
    setattr(owner, name, value)


def _once_a_function(ask: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Ask once about each function; a method is its function, so that none keeps its client in memory."""
    remembered = lru_cache(maxsize=None)(ask)

    def answer(handler: Any) -> Any:
        function = handler.__func__ if isinstance(handler, MethodType) else handler
        return remembered(function) if isinstance(function, FunctionType) else ask(handler)

    return answer


def _share_tries(trie: Any) -> None:
    """Let a copy of a trie of handlers share its nodes, none of which is ever changed: a change makes new ones."""
    remove = trie.remove_item

    def share(original: Any) -> Any:
        copied = type(original)()
        copied._root = original._root
        return copied

    def append(changed: Any, key: str, value: Any, section: int = hooks._MIDDLE) -> None:
        changed._root = node = dict(changed._root)
        for part in key.split("."):
            known = node["children"].get(part) or {"chunk": part, "values": None, "children": {}}
            below = dict(known)
            node["children"] = {**node["children"], part: below}
            node = below
        values = [list(each) for each in node["values"] or ([], [], [])]
        values[section].append(value)
        node["values"] = hooks.NodeList(*values)

    def remove_from_own(changed: Any, key: str, value: Any) -> None:
        changed._root = changed._recursive_copy(changed._root)
        remove(changed, key, value)

    _put(trie, "__copy__", share)
    _put(trie, "append_item", append)
    _put(trie, "remove_item", remove_from_own)


def _copied_handlers(register: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """Give a new session a copy of the handlers that the first one has registered, while they are the same ones."""
    known: dict[tuple[Any, ...], Any] = {}

    def give(session: Any, events: Any) -> None:
        key = tuple(id(entry) for entry in handlers.BUILTIN_HANDLERS)
        emitter = session._events._emitter
        if key not in known:
            register(session, events)
            known[key] = emitter.__copy__()
        else:
            emitter.__dict__.update(known[key].__copy__().__dict__)

    return give


def _once_a_service(load: Callable[..., Any]) -> Callable[..., Any]:
    models: dict[tuple[str, str | None], Any] = {}

    def load_once(creator: Any, service_name: str, api_version: str | None = None) -> Any:
        if (service_name, api_version) not in models:
            models[service_name, api_version] = load(creator, service_name, api_version)
        return models[service_name, api_version]

    return load_once


def _methods_once(create: Callable[[Any, Any], dict[str, Any]]) -> Callable[[Any, Any], dict[str, Any]]:
    methods: dict[str, dict[str, Any]] = {}

    def create_once(creator: Any, service_model: Any) -> dict[str, Any]:
        if service_model.service_name not in methods:
            methods[service_model.service_name] = create(creator, service_model)
        return dict(methods[service_model.service_name])

    return create_once


def _once_a_ruleset(make: Callable[..., Any]) -> Callable[..., Any]:
    made: dict[tuple[int, int], tuple[Any, ...]] = {}

    def make_once(ruleset_data: Any, partition_data: Any, **how: Any) -> Any:
        key = id(ruleset_data), id(partition_data)
        if key not in made:
            # The data are kept, too, so that nothing else gets their identity.
            made[key] = make(ruleset_data, partition_data, **how), ruleset_data, partition_data
        return made[key][0]

    return make_once


def _once(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    made: list[Any] = []

    def make_once(owner: Any) -> Any:
        if not made:
            made.append(make(owner))
        return made[0]

    return make_once
