"""Airflow: shows mistakes in accounts.yaml as an import error, a Dag file of its own.

An error raised while load.py is parsed would take away every account's Dag; here it takes none. Where the whole file
cannot be used, there are no Dags, and this is the one file that says why.
"""

from sightline.errors import SettingsError
from sightline.settings import load_settings

settings = load_settings()
if settings.problems:
    raise SettingsError(settings.problems)
