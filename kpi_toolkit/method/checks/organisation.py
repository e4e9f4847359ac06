"""What can be wrong with posts and the value chain: gaps, doubles, one person for everything, nobody in reserve."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from kpi_toolkit.method.checks.places import DESIGN_FILE, PROFILE_FILE
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import Issue, Issues, Place, error, hint, nearest, warning
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.organisation import (
    CONCURRENT,
    OUTSOURCED,
    STEPS,
    Department,
    Post,
    chain_owners,
    people_needed,
    reserve_coverage,
    tasks_without_role,
    total_heads,
)  # fmt: skip
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.value import Word


def check_organisation(
    design: Design, profile: Profile, department: Department, cards: Collection[str], people: Collection[str],
    held: Mapping[str, int] = MappingProxyType({}),
) -> Issues:  # fmt: skip
    """Return what is wrong with the posts of a design; nothing where none are stated. Only an error touches figures.

    ``held`` is how many people on the roster have each role; nothing where there is no roster yet.
    """
    if not design.posts:
        return Issues()
    known = {*design.roles, *cards}
    found = [
        *_posts_named(design, known, people),
        *_chain_sound(design, profile),
        *_one_person(design),
        *_reserve(design),
        *_department_carried(design, department),
        *_sellers_enough(design, profile),
        *_as_many_as_planned(design, held),
        *([] if any(profile.department.words) else [hint("department-unnamed", Place(PROFILE_FILE, key="department"))]),
    ]
    return Issues(replace(issue, caution=issue.severity != "error") for issue in found)


def _place(number: int) -> Place:
    return Place(DESIGN_FILE, key=f"posts.[{number}]")


def _title(design: Design, post: Post) -> object:
    return post.title or (design.roles[post.role].name if post.role in design.roles else post.role)


def _titles(design: Design, posts: Iterable[Post]) -> list[object]:
    return [_title(design, post) for post in posts]


def _posts_named(design: Design, known: Collection[str], people: Collection[str]) -> Iterator[Issue]:
    for number, post in enumerate(design.posts, start=1):
        if post.role not in known:
            near = nearest(post.role, known)
            yield error("unknown-role", _place(number), role=post.role, nearest=near, known=", ".join(design.roles))
        if post.headcount == CONCURRENT and not post.holders:
            yield error("concurrent-without-holder", _place(number), post=_title(design, post))
        for holder in (*post.holders, *post.reserve):
            near = nearest(holder, people)
            if near and holder not in people:
                yield warning("holder-mistyped", _place(number), holder=holder, nearest=near)


def _chain_sound(design: Design, profile: Profile) -> Iterator[Issue]:
    """Complete: every step has an owner; accurate: one main owner each (S073)."""
    for step, owners in chain_owners(design.posts).items():
        outside = step == "construction" and profile.site_build == OUTSOURCED
        place = Place(DESIGN_FILE, key="posts")
        if not owners and not outside:
            yield warning("structure-incomplete", place, step=Word(f"step.{step}"))
        if len(owners) > 1:
            yield warning("structure-inaccurate", place, step=Word(f"step.{step}"), posts=_titles(design, owners))


def _one_person(design: Design) -> Iterator[Issue]:
    """Find one name behind every step of the chain (S074)."""
    holders = [{name for post in owners for name in post.holders} for owners in chain_owners(design.posts).values()]
    common = set.intersection(*holders)
    if len(holders) == len(STEPS) and common and set.union(*holders) == common and len(common) == 1:
        yield warning("one-person-department", Place(DESIGN_FILE, key="posts"), person=common.pop())


def _reserve(design: Design) -> Iterator[Issue]:
    critical, bare = reserve_coverage(design.posts)
    if bare:
        yield hint(
            "no-reserve", Place(DESIGN_FILE, key="posts"),
            posts=_titles(design, bare), covered=critical - len(bare), critical=critical,
        )  # fmt: skip


def _department_carried(design: Design, department: Department) -> Iterator[Issue]:
    for task in tasks_without_role(department, design.posts, design.roles):
        yield warning("task-without-owner", Place(DESIGN_FILE, key="posts"), task=task.name, roles=list(task.roles))


def _sellers_enough(design: Design, profile: Profile) -> Iterator[Issue]:
    for number, post in enumerate(design.posts, start=1):
        heads = post.counted
        if profile.orders is None or post.capacity is None or heads is None or not post.filled:
            continue
        needed = people_needed(profile.orders, post.capacity)
        if needed > heads[1]:
            yield hint(
                "more-people-needed", _place(number), post=_title(design, post),
                needed=needed, orders=profile.orders, capacity=post.capacity,
            )  # fmt: skip


def _as_many_as_planned(design: Design, held: Mapping[str, int]) -> Iterator[Issue]:
    """Hold the number of people that the posts of a role plan against those on the roster, where both are given."""
    by_role = gathered((post.role, post) for post in design.posts)
    for number, (role, posts) in enumerate(by_role.items(), start=1):
        known = [post.counted for post in posts if not isinstance(post.headcount, str)]
        if not held or None in known or not known or role not in design.roles:
            continue
        low, high = total_heads(posts)
        if not low <= held.get(role, 0) <= high:
            heads = f"{low}" if low == high else f"{low}–{high}"
            post = _title(design, posts[0])
            yield hint("headcount-differs", _place(number), post=post, heads=heads, n=held.get(role, 0))
