// Calls every method of every service of a Doorman that runs the sandbox:
//
//   DOORMAN_KEY=ID/TOKEN try_every_service ADDRESS [CA_FILE]
//
// The key is one for example.com; without a root certificate there is no TLS. Prints a line for
// each call and exits with status 1 at the first answer that is not as it should be.

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>

#include <google/protobuf/util/message_differencer.h>
#include <grpcpp/grpcpp.h>

#include "doorman/sandbox/v1/sandbox_service.grpc.pb.h"
#include "doorman/v1/hat_service.grpc.pb.h"
#include "doorman/v1/invite_service.grpc.pb.h"
#include "doorman/v1/room_service.grpc.pb.h"
#include "doorman/v1/roster_service.grpc.pb.h"
#include "doorman/v1/server_service.grpc.pb.h"
#include "doorman_caller.h"
#include "health/v1/health.grpc.pb.h"

using namespace doorman::v1;
using doorman::sandbox::v1::SandboxService;
using google::protobuf::util::MessageDifferencer;
using grpc::health::v1::Health;

const std::string kRoom = "lobby@chat.example.org";
const std::string kGuest = "guest@example.com";

void Expect(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error("expected that " + what);
}

void TryHealth(Caller& caller) {
  const auto answer = CALL(caller, Health, Check, grpc::health::v1::HealthCheckRequest());
  Expect(answer.status() == grpc::health::v1::HealthCheckResponse::SERVING, "Doorman serves");
}

/** Puts the guest into a room. A Doorman in front of a real server has no such service. */
void SetTheStage(Caller& caller) {
  CALL(caller, SandboxService, Reset, doorman::sandbox::v1::ResetRequest());
  doorman::sandbox::v1::PutUserRequest user;
  user.set_user_jid(kGuest);
  CALL(caller, SandboxService, PutUser, user);
  doorman::sandbox::v1::PutOccupantRequest occupant;
  occupant.set_room_jid(kRoom);
  occupant.set_nickname("Guest");
  occupant.set_user_jid(kGuest);
  occupant.set_affiliation(AFFILIATION_MEMBER);
  CALL(caller, SandboxService, PutOccupant, occupant);
}

void TryHats(Caller& caller) {
  GetUserHatsRequest get;
  get.set_user_jid(kGuest);
  get.set_room_jid(kRoom);

  AddUserHatRequest add;
  add.set_user_jid(kGuest);
  add.set_room_jid(kRoom);
  add.set_hat_id("urn:example:speaker");
  add.mutable_attachment()->set_active(true);
  add.mutable_attachment()->set_title("Speaker");
  CALL(caller, HatService, AddUserHat, add);
  const auto added = CALL(caller, HatService, GetUserHats, get);
  Expect(added.hats_size() == 1 &&
             MessageDifferencer::Equals(added.hats().at(add.hat_id()), add.attachment()),
         "the guest has the speaker's hat");

  SetUserHatsRequest set;
  set.set_user_jid(kGuest);
  set.set_room_jid(kRoom);
  HatAttachment& host = (*set.mutable_hats())["urn:example:host"];
  host.set_required(true);
  host.set_title("Host");
  CALL(caller, HatService, SetUserHats, set);
  const auto replaced = CALL(caller, HatService, GetUserHats, get);
  Expect(replaced.hats_size() == 1 &&
             MessageDifferencer::Equals(replaced.hats().at("urn:example:host"), host),
         "the guest has the host's hat alone");

  ListRoomHatsRequest list;
  list.set_room_jid(kRoom);
  const auto listed = CALL(caller, HatService, ListRoomHats, list);
  Expect(listed.users_size() == 1 && listed.users(0).user_jid() == kGuest &&
             MessageDifferencer::Equals(listed.users(0).hats().at("urn:example:host"), host),
         "the room's only hat is the guest's");

  RemoveUserHatRequest remove;
  remove.set_user_jid(kGuest);
  remove.set_room_jid(kRoom);
  remove.set_hat_id("urn:example:host");
  CALL(caller, HatService, RemoveUserHat, remove);
  Expect(CALL(caller, HatService, GetUserHats, get).hats().empty(), "the guest has no hat");
}

void TryRooms(Caller& caller) {
  ListOccupantsRequest list;
  list.set_room_jid(kRoom);
  const auto before = CALL(caller, RoomService, ListOccupants, list);
  Expect(before.occupants_size() == 1 && before.occupants(0).nickname() == "Guest" &&
             before.occupants(0).user_jid() == kGuest &&
             before.occupants(0).affiliation() == AFFILIATION_MEMBER,
         "the guest is in the room");
  SetAffiliationRequest promote;
  promote.set_room_jid(kRoom);
  promote.set_user_jid(kGuest);
  promote.set_affiliation(AFFILIATION_ADMIN);
  CALL(caller, RoomService, SetAffiliation, promote);
  ListAffiliationsRequest affiliated;
  affiliated.set_room_jid(kRoom);
  const auto lists = CALL(caller, RoomService, ListAffiliations, affiliated);
  Expect(lists.affiliations_size() == 1 && lists.affiliations(0).user_jid() == kGuest &&
             lists.affiliations(0).affiliation() == AFFILIATION_ADMIN,
         "the guest is an admin of the room");
  KickOccupantRequest kick;
  kick.set_room_jid(kRoom);
  kick.set_nickname("Guest");
  CALL(caller, RoomService, KickOccupant, kick);
  Expect(CALL(caller, RoomService, ListOccupants, list).occupants().empty(), "the guest has left");
  KickUserRequest everywhere;
  everywhere.set_user_jid(kGuest);
  Expect(CALL(caller, RoomService, KickUser, everywhere).rooms().empty(), "the guest is in no room");

  kick.set_room_jid("nowhere@chat.example.org");
  try {
    CALL(caller, RoomService, KickOccupant, kick);
  } catch (const CallFailed& failure) {
    Expect(failure.status.error_code() == grpc::StatusCode::NOT_FOUND, "the code is NOT_FOUND");
    const auto detail = DetailOf(failure.status);
    Expect(detail && detail->reason() == ERROR_REASON_ROOM_NOT_FOUND,
           "the reason is ROOM_NOT_FOUND");
    return;
  }
  Expect(false, "nobody is kicked out of a room that is not there");
}

void TryRosters(Caller& caller) {
  SetContactRequest set;
  set.set_user_jid(kGuest);
  set.mutable_contact()->set_jid("john@example.com");
  set.mutable_contact()->set_name("John");
  set.mutable_contact()->add_groups("Friends");
  set.mutable_contact()->set_subscription(SUBSCRIPTION_TO);
  const auto answer = CALL(caller, RosterService, SetContact, set);
  Expect(MessageDifferencer::Equals(answer.contact(), set.contact()), "John is a contact as asked");

  ReplaceRosterRequest replace;
  replace.set_user_jid(kGuest);
  Contact& marie = *replace.add_contacts();
  marie.set_jid("marie@example.com");
  marie.set_subscription(SUBSCRIPTION_BOTH);
  const auto changes = CALL(caller, RosterService, ReplaceRoster, replace).changes();
  Expect(changes.added() == 1 && changes.changed() == 0 && changes.removed() == 1,
         "Marie replaces John");
  GetRosterRequest get;
  get.set_user_jid(kGuest);
  const auto roster = CALL(caller, RosterService, GetRoster, get);
  Expect(roster.contacts_size() == 1 && MessageDifferencer::Equals(roster.contacts(0), marie),
         "Marie is the only contact");
  RemoveContactRequest remove;
  remove.set_user_jid(kGuest);
  remove.set_contact_jid(marie.jid());
  CALL(caller, RosterService, RemoveContact, remove);
  Expect(CALL(caller, RosterService, GetRoster, get).contacts().empty(), "the roster is empty");

  RefreshRostersRequest refresh;
  refresh.add_usernames("john");
  refresh.add_usernames("stranger");
  const auto refreshed = CALL(caller, RosterService, RefreshRosters, refresh);
  Expect(refreshed.status() == "ok" && refreshed.updated() == 1 && refreshed.errors() == 1 &&
             refreshed.results_size() == 2,
         "one of two rosters is refreshed");
  Expect(refreshed.results(0).changes().added() == 2, "John gets two contacts");
  Expect(refreshed.results(1).error().detail().reason() == ERROR_REASON_CONTACTS_APP_FAILED,
         "the contacts app does not know the stranger");

  RefreshRostersWithProgressRequest many;
  many.add_usernames("john");
  many.add_usernames("stranger");
  const auto messages = READ(caller, RosterService, RefreshRostersWithProgress, many);
  Expect(messages.size() == 4, "there is a first message, one a user, and a last");
  for (int i = 0; i < 4; i++) {
    Expect(messages[i].done() == std::min(i, 2) && messages[i].of() == 2, "each says how far it is");
    Expect(messages[i].has_summary() == (i == 3), "the last message alone has the summary");
  }
  Expect(messages[3].summary().status() == "ok" && messages[3].summary().updated() == 1 &&
             messages[3].summary().errors() == 1,
         "the summary counts both");
}

void TryInvites(Caller& caller) {
  CreateInviteRequest create;
  create.mutable_ttl()->set_seconds(3600);
  create.set_note("Try");
  const Invite created = CALL(caller, InviteService, CreateInvite, create).invite();
  Expect(created.host() == "example.com" && created.note() == "Try" &&
             created.state() == INVITE_STATE_PENDING,
         "the invite is as asked");
  Expect(created.expire_time().seconds() - created.create_time().seconds() == 3600,
         "the invite is good for an hour");

  GetInviteRequest get;
  get.set_token(created.token());
  const auto seen = CALL(caller, InviteService, GetInvite, get);
  Expect(MessageDifferencer::Equals(seen.invite(), created), "the invite is stored");
  const auto listed = CALL(caller, InviteService, ListInvites, ListInvitesRequest());
  int found = 0;
  for (const auto& invite : listed.invites()) found += MessageDifferencer::Equals(invite, created);
  Expect(found == 1, "the invite is listed");

  ResendInviteRequest resend;
  resend.set_token(created.token());
  const Invite sent_anew = CALL(caller, InviteService, ResendInvite, resend).invite();
  Expect(sent_anew.id() == created.id() && sent_anew.token() != created.token(),
         "the invite has another token");
  RedeemInviteRequest redeem;
  redeem.set_token(sent_anew.token());
  redeem.set_username("newcomer");
  redeem.set_password("correct horse");
  const auto redeemed = CALL(caller, InviteService, RedeemInvite, redeem);
  Expect(redeemed.user_jid() == "newcomer@example.com", "the newcomer has an account");
  ListRedemptionsRequest list_redemptions;
  list_redemptions.set_id(created.id());
  const auto list = CALL(caller, InviteService, ListRedemptions, list_redemptions);
  Expect(list.redemptions_size() == 1, "the invite was redeemed once");

  BulkCreateInvitesRequest bulk;
  for (int i = 0; i < 2; ++i) bulk.add_invites()->set_purpose(INVITE_PURPOSE_GROUP);
  const auto groups = CALL(caller, InviteService, BulkCreateInvites, bulk);
  Expect(groups.invites_size() == 2, "there are two more invites");
  RevokeInviteRequest revoke;
  revoke.set_id(groups.invites(0).id());
  const auto revoked = CALL(caller, InviteService, RevokeInvite, revoke);
  Expect(revoked.invite().state() == INVITE_STATE_REVOKED, "the invite is revoked");
}

void TryServer(Caller& caller) {
  const auto answer = CALL(caller, ServerService, GetCapabilities, GetCapabilitiesRequest());
  Expect(answer.server().connected(), "Doorman is connected to the sandbox");
  for (const Capability& capability : answer.capabilities()) {
    Expect(capability.state() == CAPABILITY_STATE_READY ||
               capability.operation() == OPERATION_REFRESH_AT_LOGIN,
           "the sandbox can do everything for which nobody has to log in");
  }
}

int main(int argc, char* argv[]) {
  const char* key = std::getenv("DOORMAN_KEY");
  if (argc < 2 || argc > 3 || key == nullptr) {
    std::cerr << "usage: DOORMAN_KEY=ID/TOKEN try_every_service ADDRESS [CA_FILE]" << std::endl;
    return 2;
  }
  try {
    Caller caller(Connect(argv[1], argv[2]), key);
    TryHealth(caller);
    SetTheStage(caller);
    TryHats(caller);
    TryRooms(caller);
    TryRosters(caller);
    TryInvites(caller);
    TryServer(caller);
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
  return 0;
}
