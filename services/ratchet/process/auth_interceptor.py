"""Nobody calls without a key."""

from typing import Any

import grpc

from ratchet.process.errors import Unauthenticated
from ratchet.process.fault_interceptor import Continuation, refusing
from ratchet.process.tenant import Tenant, set_current_tenant
from ratchet.process.tenant_book import TenantBook

HEALTH = "/grpc.health.v1.Health/"
"""Methods that are open to all: load balancers have no key."""


class AuthInterceptor(grpc.aio.ServerInterceptor):
    """Finds the tenant of every call by its `authorization: Bearer KEY`."""

    def __init__(self, tenants: TenantBook) -> None:
        self._tenants = tenants

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> Any:
        """Sets the tenant for the task, which is also the one that the handler runs in."""
        if not handler_call_details.method.startswith(HEALTH):
            try:
                set_current_tenant(self._tenant(handler_call_details))
            except Unauthenticated as fault:
                return refusing(fault)
        return await continuation(handler_call_details)

    def _tenant(self, details: grpc.HandlerCallDetails) -> Tenant:
        given = dict(details.invocation_metadata or ()).get("authorization", "")
        scheme, _, key = str(given).partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise Unauthenticated("no API key: send `authorization: Bearer KEY` as metadata")
        tenant = self._tenants.find(key.strip())
        if tenant is None:
            raise Unauthenticated("authorization: this API key is not known")
        return tenant
