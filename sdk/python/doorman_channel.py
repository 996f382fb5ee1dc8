"""Connects to a Doorman with a key, and reads the typed detail of its errors."""

import collections
import contextlib

import grpc
from doorman.v1 import error_pb2
from rpc_status_pb2 import RpcStatus

DEADLINE_SECONDS = 10


@contextlib.contextmanager
def connect(address, key, ca_file=None):
    """Opens a channel; in clear text when there is no file with a root certificate."""
    if ca_file is None:
        plain_channel = grpc.insecure_channel(address)
    else:
        with open(ca_file, "rb") as file:
            plain_channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(file.read()))
    with plain_channel:
        yield grpc.intercept_channel(plain_channel, WithKey(key))


class CallDetails(
    collections.namedtuple(
        "CallDetails", "method timeout metadata credentials wait_for_ready compression"
    ),
    grpc.ClientCallDetails,
):
    """Is the form that gRPC wants the details of a call in."""


class WithKey(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Gives each call the key and a deadline, and prints how it ended."""

    def __init__(self, key):
        self._metadata = (("authorization", f"Bearer {key}"),)

    def intercept_unary_unary(self, continuation, details, request):
        answer = continuation(self._details(details.method), request)
        print_outcome(details.method, answer)
        return answer

    def intercept_unary_stream(self, continuation, details, request):
        messages = continuation(self._details(details.method), request)
        try:
            yield from messages
        finally:
            messages.cancel()  # does nothing to one that has ended
            print_outcome(details.method, messages)

    def _details(self, method):
        return CallDetails(method, DEADLINE_SECONDS, self._metadata, None, None, None)


def print_outcome(method, call):
    # The name is the call's own, so that no line can name a method that was not called.
    print(method.lstrip("/"), outcome(call), flush=True)


def outcome(call):
    if call.code() is grpc.StatusCode.OK:
        return "OK"
    detail = error_detail(call)
    return error_pb2.ErrorReason.Name(detail.reason) if detail else call.details()


def error_detail(failed_call):
    """Answers the doorman.v1.ErrorDetail of a failed call; None when it did not reach Doorman."""
    for key, value in failed_call.trailing_metadata() or ():
        if key != "grpc-status-details-bin":
            continue
        for packed in RpcStatus.FromString(value).details:
            detail = error_pb2.ErrorDetail()
            if packed.Unpack(detail):
                return detail
    return None
