"""Calls every method of every service of a Doorman that runs the sandbox.

Prints a line for each call and exits with status 1 at the first answer that is not as it should be.
The environment variable DOORMAN_KEY holds a key for example.com; PYTHONPATH names the folder of the
generated code.
"""

import argparse
import os

import grpc
from doorman.sandbox.v1 import sandbox_service_pb2, sandbox_service_pb2_grpc
from doorman.v1 import (
    error_pb2,
    hat_pb2,
    hat_service_pb2,
    hat_service_pb2_grpc,
    invite_pb2,
    invite_service_pb2,
    invite_service_pb2_grpc,
    room_pb2,
    room_service_pb2,
    room_service_pb2_grpc,
    roster_pb2,
    roster_service_pb2,
    roster_service_pb2_grpc,
    server_pb2,
    server_service_pb2,
    server_service_pb2_grpc,
)
from doorman_channel import connect, error_detail
from google.protobuf import duration_pb2
from health.v1 import health_pb2, health_pb2_grpc

ROOM = "lobby@chat.example.org"
GUEST = "guest@example.com"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("address", help="host and port of Doorman, such as 127.0.0.1:5280")
    parser.add_argument("ca_file", nargs="?", help="root certificate; without it, no TLS")
    arguments = parser.parse_args()
    with connect(arguments.address, os.environ["DOORMAN_KEY"], arguments.ca_file) as channel:
        try_health(channel)
        set_the_stage(channel)
        try_hats(channel)
        try_rooms(channel)
        try_rosters(channel)
        try_invites(channel)
        try_server(channel)


def expect(seen, expected):
    if seen != expected:
        raise SystemExit(f"expected {expected!r}, got {seen!r}")


def try_health(channel):
    answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
    expect(answer.status, health_pb2.HealthCheckResponse.SERVING)


def set_the_stage(channel):
    """Puts the guest into a room. A Doorman in front of a real server has no such service."""
    sandbox = sandbox_service_pb2_grpc.SandboxServiceStub(channel)
    sandbox.Reset(sandbox_service_pb2.ResetRequest())
    sandbox.PutUser(sandbox_service_pb2.PutUserRequest(user_jid=GUEST))
    sandbox.PutOccupant(
        sandbox_service_pb2.PutOccupantRequest(
            room_jid=ROOM,
            nickname="Guest",
            user_jid=GUEST,
            affiliation=room_pb2.AFFILIATION_MEMBER,
        )
    )


def try_hats(channel):
    service = hat_service_pb2_grpc.HatServiceStub(channel)
    ids = {"user_jid": GUEST, "room_jid": ROOM}
    speaker = hat_pb2.HatAttachment(active=True, title="Speaker")
    host = hat_pb2.HatAttachment(required=True, title="Host")

    def hats():
        return dict(service.GetUserHats(hat_service_pb2.GetUserHatsRequest(**ids)).hats)

    service.AddUserHat(
        hat_service_pb2.AddUserHatRequest(**ids, hat_id="urn:example:speaker", attachment=speaker)
    )
    expect(hats(), {"urn:example:speaker": speaker})
    service.SetUserHats(
        hat_service_pb2.SetUserHatsRequest(**ids, hats={"urn:example:host": host})
    )
    expect(hats(), {"urn:example:host": host})
    listed = service.ListRoomHats(hat_service_pb2.ListRoomHatsRequest(room_jid=ROOM)).users
    expect([(user.user_jid, dict(user.hats)) for user in listed], [(GUEST, hats())])
    service.RemoveUserHat(
        hat_service_pb2.RemoveUserHatRequest(**ids, hat_id="urn:example:host")
    )
    expect(hats(), {})


def try_rooms(channel):
    service = room_service_pb2_grpc.RoomServiceStub(channel)
    list_request = room_service_pb2.ListOccupantsRequest(room_jid=ROOM)
    (guest,) = service.ListOccupants(list_request).occupants
    expect((guest.nickname, guest.user_jid), ("Guest", GUEST))
    expect(guest.affiliation, room_pb2.AFFILIATION_MEMBER)
    service.SetAffiliation(
        room_service_pb2.SetAffiliationRequest(
            room_jid=ROOM, user_jid=GUEST, affiliation=room_pb2.AFFILIATION_ADMIN
        )
    )
    (admin,) = service.ListAffiliations(
        room_service_pb2.ListAffiliationsRequest(room_jid=ROOM)
    ).affiliations
    expect((admin.user_jid, admin.affiliation), (GUEST, room_pb2.AFFILIATION_ADMIN))
    kick_request = room_service_pb2.KickOccupantRequest(room_jid=ROOM, nickname="Guest")
    service.KickOccupant(kick_request)
    expect(len(service.ListOccupants(list_request).occupants), 0)
    everywhere = room_service_pb2.KickUserRequest(user_jid=GUEST)
    expect(len(service.KickUser(everywhere).rooms), 0)

    kick_request.room_jid = "nowhere@chat.example.org"
    try:
        service.KickOccupant(kick_request)
        raise SystemExit("expected an error: there is no such room")
    except grpc.RpcError as error:
        expect(error.code(), grpc.StatusCode.NOT_FOUND)
        expect(error_detail(error).reason, error_pb2.ERROR_REASON_ROOM_NOT_FOUND)


def try_rosters(channel):
    service = roster_service_pb2_grpc.RosterServiceStub(channel)
    john = roster_pb2.Contact(
        jid="john@example.com",
        name="John",
        groups=["Friends"],
        subscription=roster_pb2.SUBSCRIPTION_TO,
    )
    marie = roster_pb2.Contact(jid="marie@example.com", subscription=roster_pb2.SUBSCRIPTION_BOTH)

    answer = service.SetContact(
        roster_service_pb2.SetContactRequest(user_jid=GUEST, contact=john)
    )
    expect(answer.contact, john)
    replaced = service.ReplaceRoster(
        roster_service_pb2.ReplaceRosterRequest(user_jid=GUEST, contacts=[marie])
    )
    expect(replaced.changes, roster_pb2.RosterChanges(added=1, removed=1))
    get_request = roster_service_pb2.GetRosterRequest(user_jid=GUEST)
    expect(list(service.GetRoster(get_request).contacts), [marie])
    service.RemoveContact(
        roster_service_pb2.RemoveContactRequest(user_jid=GUEST, contact_jid=marie.jid)
    )
    expect(len(service.GetRoster(get_request).contacts), 0)

    refreshed = service.RefreshRosters(
        roster_service_pb2.RefreshRostersRequest(usernames=["john", "stranger"])
    )
    expect((refreshed.status, refreshed.updated, refreshed.errors), ("ok", 1, 1))
    of_john, of_stranger = refreshed.results
    expect(of_john.changes, roster_pb2.RosterChanges(added=2))
    expect(of_stranger.WhichOneof("outcome"), "error")
    expect(of_stranger.error.detail.reason, error_pb2.ERROR_REASON_CONTACTS_APP_FAILED)

    messages = list(
        service.RefreshRostersWithProgress(
            roster_service_pb2.RefreshRostersWithProgressRequest(usernames=["john", "stranger"])
        )
    )
    expect([(message.done, message.of) for message in messages], [(0, 2), (1, 2), (2, 2), (2, 2)])
    expect({message.result.username for message in messages[1:3]}, {"john", "stranger"})
    summary = messages[-1].summary
    expect((summary.status, summary.updated, summary.errors), ("ok", 1, 1))


def try_invites(channel):
    service = invite_service_pb2_grpc.InviteServiceStub(channel)
    created = service.CreateInvite(
        invite_service_pb2.CreateInviteRequest(ttl=duration_pb2.Duration(seconds=3600), note="Try")
    ).invite
    expect((created.host, created.note), ("example.com", "Try"))
    expect(created.state, invite_pb2.INVITE_STATE_PENDING)
    expect(created.expire_time.seconds - created.create_time.seconds, 3600)
    seen = service.GetInvite(invite_service_pb2.GetInviteRequest(token=created.token)).invite
    expect(seen, created)
    listed = service.ListInvites(invite_service_pb2.ListInvitesRequest()).invites
    expect([invite for invite in listed if invite.token == created.token], [created])
    sent_anew = service.ResendInvite(
        invite_service_pb2.ResendInviteRequest(token=created.token)
    ).invite
    expect((sent_anew.id, sent_anew.token != created.token), (created.id, True))
    redeemed = service.RedeemInvite(
        invite_service_pb2.RedeemInviteRequest(
            token=sent_anew.token, username="newcomer", password="correct horse"
        )
    )
    expect(redeemed.user_jid, "newcomer@example.com")
    answer = service.ListRedemptions(invite_service_pb2.ListRedemptionsRequest(id=created.id))
    expect([one.user_jid for one in answer.redemptions], ["newcomer@example.com"])
    group = invite_service_pb2.CreateInviteRequest(purpose=invite_pb2.INVITE_PURPOSE_GROUP)
    choir, team = service.BulkCreateInvites(
        invite_service_pb2.BulkCreateInvitesRequest(invites=[group, group])
    ).invites
    expect((choir.state, team.purpose), (invite_pb2.INVITE_STATE_PENDING, group.purpose))
    revoked = service.RevokeInvite(invite_service_pb2.RevokeInviteRequest(id=choir.id))
    expect(revoked.invite.state, invite_pb2.INVITE_STATE_REVOKED)


def try_server(channel):
    service = server_service_pb2_grpc.ServerServiceStub(channel)
    answer = service.GetCapabilities(server_service_pb2.GetCapabilitiesRequest())
    expect(answer.server.connected, True)
    for capability in answer.capabilities:
        if capability.operation != server_pb2.OPERATION_REFRESH_AT_LOGIN:
            expect(capability.state, server_pb2.CAPABILITY_STATE_READY)


if __name__ == "__main__":
    main()
