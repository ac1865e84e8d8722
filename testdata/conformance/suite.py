"""Runs the public suite as its own command does, with values for what it cannot
make up: it fills an attribute of type dateTime with a text that is no date, and
then refuses that itself."""

import sys
from datetime import datetime, timezone

from scim2_cli import cli
from scim2_models import Mutability, Required
from scim2_tester import filling

original = filling.generate_random_value


def generate(context, path, mutability=None, required=None):
    binding = path.resolve()
    if binding is None or binding.target_type is not datetime or binding.target_is_multivalued:
        return original(context, path, mutability, required)
    if mutability is not None and binding.get_annotation(Mutability) not in mutability:
        return None
    if required is not None and binding.get_annotation(Required) not in required:
        return None
    return datetime.now(timezone.utc).replace(year=2099, microsecond=0)


for module in list(sys.modules.values()):
    if getattr(module, "generate_random_value", None) is original:
        module.generate_random_value = generate

if __name__ == "__main__":
    sys.argv[0] = "scim2"
    cli()
