"""Types of `import voluptuous as vol`: Home Assistant runs it on probatio."""

from probatio import *
