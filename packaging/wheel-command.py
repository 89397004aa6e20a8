#!python
# Becomes the program of the package, without importing the package: its module of starting stands alone.
import importlib.util
import os
import sys

package = importlib.util.find_spec("ridley")
if package is None or not package.submodule_search_locations:
    sys.exit("ridley: the package 'ridley' is not here any more: install it again")
place = os.path.join(package.submodule_search_locations[0], "_launch.py")
launch = importlib.util.spec_from_file_location("ridley_launch", place)
module = importlib.util.module_from_spec(launch)
launch.loader.exec_module(module)
module.main()
