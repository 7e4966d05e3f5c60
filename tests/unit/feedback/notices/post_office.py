"""Real servers on this machine that take what is sent to them: HTTP, and SMTP with STARTTLS."""

import asyncio
import base64
import email
import ssl
from email.message import Message

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ratchet.process.web_server import WebServer


class Hook:
    """Answers posts with the statuses that it was given, then with 204."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.arrived = asyncio.Event()
        self._web = WebServer("127.0.0.1", 0)

    async def open(self) -> str:
        app = Starlette(routes=[Route("/hook", self._take, methods=["POST"])])
        return f"http://127.0.0.1:{await self._web.start(app)}/hook"

    async def close(self) -> None:
        await self._web.drain(1)

    async def _take(self, request: Request) -> Response:
        self.posts.append((dict(request.headers), await request.body()))
        self.arrived.set()
        status = self.statuses.pop(0) if self.statuses else 204
        return Response(status_code=status, headers={"location": "/elsewhere"})


class MailServer:
    """Takes mail of one user, over TLS alone where it has a certificate."""

    def __init__(self, tls: ssl.SSLContext | None, user: tuple[str, str] | None = None) -> None:
        self._tls = tls
        self._user = user
        self.answers: dict[str, str] = {}
        """to those for whom it takes nothing"""
        self.mails: list[tuple[list[str], Message]] = []
        self.in_the_clear: list[str] = []

    async def open(self) -> int:
        self._server = await asyncio.start_server(self._talk, "localhost", 0)
        return self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        secure, known, to = self._tls is None, self._user is None, list[str]()
        writer.write(b"220 post.test\r\n")
        while line := (await reader.readline()).decode().strip():
            if not secure:
                self.in_the_clear.append(line)
            verb = line.split(maxsplit=1)[0].upper()
            reply = "250 ok"
            if verb == "EHLO":
                features = ["STARTTLS"] if not secure else ["AUTH PLAIN"]
                reply = f"250-post.test\r\n250 {features[0]}"
            elif verb == "STARTTLS":
                assert self._tls is not None
                writer.write(b"220 go on\r\n")
                await writer.start_tls(self._tls)
                secure = True
                continue
            elif verb == "AUTH":
                given = base64.b64decode(line.split()[2]).decode().split("\0")[1:]
                known = tuple(given) == self._user
                reply = "235 ok" if known else "535 no"
            elif not (secure and known) and verb != "QUIT":
                reply = "530 not so"
            elif verb == "RCPT":
                address = line.partition(":")[2].strip("<> ")
                to.append(address)
                reply = self.answers.get(address, reply)
            elif verb == "DATA":
                writer.write(b"354 go on\r\n")
                data = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append((to, email.message_from_bytes(data[:-5])))
            elif verb == "QUIT":
                writer.write(b"221 bye\r\n")
                break
            writer.write(f"{reply}\r\n".encode())
        writer.close()
