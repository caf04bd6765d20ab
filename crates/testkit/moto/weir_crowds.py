"""What moto lacks where there are many: pages of IAM's lists, and people by the thousand."""

from moto.core.responses import ActionResult
from moto.iam.models import iam_backends
from moto.identitystore.models import identitystore_backends

# As many as IAM puts into a page unless it is asked for others.
PAGE = 100
# What IAM answers in pages and moto in one piece: the lists of each answer, which follow one another.
IN_PAGES = {
    "get_account_authorization_details": ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"),
    "get_group": ("Users",),
    "list_entities_for_policy": ("PolicyGroups", "PolicyUsers", "PolicyRoles"),
    "list_groups": ("Groups",),
}


def in_pages(responses):
    """Has these operations of a class answer in pages."""
    for operation, lists in IN_PAGES.items():
        setattr(responses, operation, paged(getattr(responses, operation), lists))


def paged(operation, lists):
    def page(self):
        start, most = int(self.params.pop("Marker", 0)), int(self.params.pop("MaxItems", PAGE))
        whole = operation(self).result
        everything = [(name, item) for name in lists for item in whole[name]]
        end = start + most
        chosen = everything[start:end]
        result = whole | {name: [item for of, item in chosen if of == name] for name in lists}
        more = {"IsTruncated": True, "Marker": str(end)} if end < len(everything) else {"IsTruncated": False}
        return ActionResult(result | more)

    return page


def add_users(account, users, path="/", tags=(), group=None, policy=None):
    """IAM users of an account, in a group and with a policy if asked."""
    iam = iam_backends[account]["aws"]
    for name in users:
        iam.create_user("us-east-1", name, path, list(tags))
        if group:
            iam.add_user_to_group(group, name)
        if policy:
            iam.attach_user_policy(policy, name)


def add_people(account, region, store, people, group):
    """People of a directory, all in one group."""
    directory = identitystore_backends[account][region]
    group_id, _ = directory.create_group(store, group, "")
    for name in people:
        full_name = {"GivenName": name, "FamilyName": "Example"}
        emails = [{"Value": f"{name}@example.com", "Type": "work", "Primary": True}]
        user_id, _ = directory.create_user(
            store, name, full_name, f"{name} Example", nick_name=None, profile_url=None, emails=emails, addresses=None,
            phone_numbers=None, user_type=None, title=None, preferred_language=None, locale=None, timezone=None,
        )
        directory.create_group_membership(store, group_id, {"UserId": user_id})
