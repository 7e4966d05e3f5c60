"""`WeightsService`: what operators ask of the learner."""

import asyncio
from collections.abc import Callable
from typing import Any

import grpc

from ratchet.learner.commands import Caller, CommandQueue
from ratchet.learner.loop import Learner
from ratchet.learner.progress import Progress
from ratchet.process.actor import ACTOR_METADATA
from ratchet.process.errors import InvalidField
from ratchet.v1 import weights_pb2 as pb
from ratchet.v1.weights_pb2_grpc import WeightsServiceServicer
from ratchet.weights.registry import Registry

LONGEST_ACTOR = 200
ROLES = (pb.ROLE_POLICY, pb.ROLE_JUDGE)
Context = grpc.aio.ServicerContext[Any, Any]


class WeightsServicer(WeightsServiceServicer):
    """Reads are answered at once; commands by the learner's thread, between two steps."""

    def __init__(
        self, commands: CommandQueue[Learner], progress: Progress, registry: Registry
    ) -> None:
        self._commands = commands
        self._progress = progress
        self._registry = registry

    async def ListVersions(
        self, request: pb.ListVersionsRequest, context: Context
    ) -> pb.ListVersionsResponse:
        """Every version whose folder is kept; both roles where none is named."""
        roles = [_role(request.role)] if request.role else ROLES
        manifests = await asyncio.to_thread(self._manifests, roles)
        pointers = [pointer for pointer in self._progress.pointers if pointer.role in roles]
        return pb.ListVersionsResponse(manifests=manifests, pointers=pointers)

    async def Promote(self, request: pb.PromoteRequest, context: Context) -> pb.PromoteResponse:
        """Makes a version the served one and its role's floor."""
        role, version = _role(request.role), request.version
        pointer = await self._ask(
            context,
            "weights.promote",
            f"{pb.Role.Name(role)} {version}",
            lambda learner: learner.promote(role, version, request.expected_epoch),
        )
        return pb.PromoteResponse(pointer=pointer)

    async def Rollback(self, request: pb.RollbackRequest, context: Context) -> pb.RollbackResponse:
        """Goes back to the role's floor."""
        role = _role(request.role)
        pointer = await self._ask(
            context,
            "weights.rollback",
            pb.Role.Name(role),
            lambda learner: learner.roll_back(role, request.expected_epoch),
        )
        return pb.RollbackResponse(pointer=pointer)

    async def Pause(self, request: pb.PauseRequest, context: Context) -> pb.PauseResponse:
        """Stops learning while serving goes on."""
        await self._ask(context, "learner.pause", "", lambda learner: learner.pause())
        return pb.PauseResponse()

    async def Resume(self, request: pb.ResumeRequest, context: Context) -> pb.ResumeResponse:
        """Ends a pause, or a halt for losses that were not finite."""
        await self._ask(context, "learner.resume", "", lambda learner: learner.resume())
        return pb.ResumeResponse()

    async def GetProgress(
        self, request: pb.GetProgressRequest, context: Context
    ) -> pb.GetProgressResponse:
        """Answers at once, also during an update."""
        return self._progress.snapshot()

    async def SetUpdatesWanted(
        self, request: pb.SetUpdatesWantedRequest, context: Context
    ) -> pb.SetUpdatesWantedResponse:
        """Changes after how many updates the learner stops by itself."""
        updates = request.updates_wanted
        if not updates:
            raise InvalidField("updates_wanted", "must be at least 1")
        await self._ask(
            context,
            "learner.set-updates-wanted",
            str(updates),
            lambda learner: learner.set_updates_wanted(updates),
        )
        return pb.SetUpdatesWantedResponse()

    async def CorruptNextUpdate(
        self, request: pb.CorruptNextUpdateRequest, context: Context
    ) -> pb.CorruptNextUpdateResponse:
        """A drill: the next update is spoiled, tested at once, and should be rolled back."""
        await self._ask(
            context,
            "learner.corrupt-next-update",
            "",
            lambda learner: learner.corrupt_next_update(),
        )
        return pb.CorruptNextUpdateResponse()

    async def _ask(
        self, context: Context, action: str, detail: str, run: Callable[[Learner], Any]
    ) -> Any:
        return await self._commands.ask(_caller(context), action, detail, run)

    def _manifests(self, roles: "list[pb.Role] | tuple[pb.Role, ...]") -> list[pb.Manifest]:
        return [
            self._registry.manifest(role, version)
            for role in roles
            for version in self._registry.versions(role)
        ]


def _caller(context: Context) -> Caller:
    """A service that is asked by a person says by whom: who may call may all, under any name."""
    given = dict(context.invocation_metadata() or ()).get(ACTOR_METADATA)
    if not isinstance(given, bytes):
        return Caller(context.peer())
    name = given.decode(errors="replace")
    if not name.isprintable() or not name.strip() or len(name) > LONGEST_ACTOR:
        raise InvalidField(ACTOR_METADATA, f"must be a name of at most {LONGEST_ACTOR} letters")
    return Caller(name, via=context.peer())


def _role(role: "pb.Role") -> "pb.Role":
    if role not in ROLES:
        raise InvalidField("role", "must be ROLE_POLICY or ROLE_JUDGE")
    return role
