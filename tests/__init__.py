"""Tests of FlowQL; the folders mirror `flowql/`, and `oracle/` holds what they are judged by."""
