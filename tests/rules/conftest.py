"""The server and the hub of the integration tests, for the rules."""

import importlib.util
import sys
from pathlib import Path

INTEGRATION = Path(__file__).resolve().parents[1] / "integration"
sys.path.insert(1, str(INTEGRATION))
_spec = importlib.util.spec_from_file_location("integration_conftest", INTEGRATION / "conftest.py")
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)

built, cluster, Hub, TEMPLATE = _module.built, _module.cluster, _module.Hub, _module.TEMPLATE
