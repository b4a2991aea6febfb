# Everything is built in the first stage; the second has Python, the packages and the panel, and no tools.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
COPY requirements/run.lock /tmp/run.lock
RUN /venv/bin/pip install --require-hashes -r /tmp/run.lock
WORKDIR /app
COPY manage.py pyproject.toml ./
COPY hostpanel hostpanel
COPY apps apps
COPY templates templates
COPY static static
COPY locale locale
# The keys are of no use to anybody: nothing is sealed while files are collected.
RUN /venv/bin/python -m hostpanel.messages \
 && HOSTPANEL_MODE=demo HOSTPANEL_SECRET_KEY=build HOSTPANEL_SEAL_KEYS=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    /venv/bin/python manage.py collectstatic --no-input -v0 \
 && /venv/bin/python -m compileall -q apps hostpanel

FROM python:${PYTHON}-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin hostpanel
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["gunicorn", "-c", "python:hostpanel.gunicorn", "hostpanel.wsgi", "-b", "0.0.0.0:8000"]
