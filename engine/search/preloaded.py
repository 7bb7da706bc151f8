"""Whoever imports this has imported what every trial needs: the fork server, before it forks the first of them."""

from engine.lasting import import_lasting
from engine.search.preload import modules

import_lasting(*modules())
