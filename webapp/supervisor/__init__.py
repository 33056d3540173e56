"""Runs Skybasket's processes together on one machine: ``skybasket up``.

It starts what the Procfile names and the embedded Valkey, passes on what they print, and ends all of them together.
It restarts nothing: a process that dies is a fault to be seen. In production an init system does this job instead.
"""
