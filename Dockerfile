# One image for docker-compose.yaml: Airflow and the local AWS, from the same locked requirements as .venv.
FROM python:3.11-slim

RUN useradd --create-home --uid 50000 airflow && mkdir /prepared /airflow && chown airflow /prepared /airflow
WORKDIR /sightline

COPY requirements-bootstrap.txt requirements-dev.txt requirements-postgres.txt ./
RUN python -m venv /opt/venv \
 && /opt/venv/bin/python -m pip install --no-cache-dir --require-hashes -r requirements-bootstrap.txt \
 && VIRTUAL_ENV=/opt/venv /opt/venv/bin/uv pip install --no-cache --compile-bytecode --require-hashes \
      -r requirements-dev.txt -r requirements-postgres.txt

COPY dags dags
COPY demo demo
COPY include include
COPY local_aws local_aws
COPY plugins plugins

USER airflow
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 AIRFLOW_HOME=/airflow
