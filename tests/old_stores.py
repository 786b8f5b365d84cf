"""Stores as each published version of the workbench wrote them, for tests of migrations."""

from __future__ import annotations

import sqlite3
from pathlib import Path

# The tables as version 1 had them (commit a041dc6), and as version 2 made them (commit c494baf).
_RUNS = """
CREATE TABLE runs (id VARCHAR(40) NOT NULL, name TEXT NOT NULL, owner TEXT NOT NULL,
  state VARCHAR(16) NOT NULL, config JSON NOT NULL, digest VARCHAR(64) NOT NULL,
  experiment VARCHAR(40), created FLOAT NOT NULL, started FLOAT, ended FLOAT, reason TEXT,
  note TEXT NOT NULL, summary JSON NOT NULL, map_state VARCHAR(16) NOT NULL, pid INTEGER,
  pid_created FLOAT, stop_requested BOOLEAN NOT NULL, turn FLOAT NOT NULL,%s
  PRIMARY KEY (id));
CREATE INDEX runs_by_state ON runs (state, created);
CREATE INDEX runs_by_digest ON runs (digest);
CREATE TABLE metrics (run VARCHAR(40) NOT NULL, name VARCHAR(80) NOT NULL, step INTEGER NOT NULL,
  value FLOAT NOT NULL, PRIMARY KEY (run, name, step));
CREATE TABLE heartbeats (run VARCHAR(40) NOT NULL, at FLOAT NOT NULL, phase VARCHAR(32) NOT NULL,
  progress FLOAT NOT NULL, eta_seconds FLOAT, PRIMARY KEY (run));
CREATE TABLE settings ("key" VARCHAR(120) NOT NULL, value JSON NOT NULL, PRIMARY KEY ("key"));
INSERT INTO metrics VALUES ('simclr-abcdef', 'loss', 3, 0.5);
INSERT INTO heartbeats VALUES ('simclr-abcdef', 2.0, 'training', 1.0, NULL);
INSERT INTO settings VALUES ('owner:Ada', '{"seen": 1}');
INSERT INTO settings VALUES ('schema', '%d');
INSERT INTO runs VALUES ('simclr-abcdef', 'first', 'Ada', 'finished',
  '{"task": "simclr", "data": {"source": "sample:digits"}}', 'd', NULL, 1.0, 1.0, 2.0, NULL,
  'seen before', '{"notes": ["a"]}', 'ready', NULL, NULL, 0, 1.0%s);
"""
_TAGS = " tags TEXT DEFAULT '' NOT NULL,"
# What each published version wrote before alembic. A later version adds its own to this list.
PUBLISHED = {1: _RUNS % ("", 1, ""), 2: _RUNS % (_TAGS, 2, ", ',thesis,'")}


def write_version(home: Path, version: int) -> None:
    home.mkdir(parents=True)
    file = sqlite3.connect(home / "store.db")
    file.executescript(PUBLISHED[version])
    file.close()
