"""Pools: who runs tasks."""
