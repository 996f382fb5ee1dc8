-- What can befall a room, at the word of somebody in it: "forget NICKNAME" loses an occupant without
-- telling anybody, as a restart does; "full" lets nobody in any more, as modules do that limit rooms;
-- "keep owners" lets nobody take an ownership away; "ignore changes" says yes to kicks and bans, and does
-- nothing.

local st = require "util.stanza";
local ignoring = {};

module:hook("muc-broadcast-message", function (event)
	local room = event.room;
	local body = event.stanza:get_child_text("body") or "";
	if body == "full" then
		room.is_full_for_tests = true;
	end
	if body == "keep owners" then
		room.keeps_owners_for_tests = true;
	end
	if body == "ignore changes" then
		ignoring[room.jid] = true;
	end
	local nickname = body:match("^forget (.+)$");
	local occupant = nickname and room:get_occupant_by_nick(room.jid .. "/" .. nickname);
	if occupant then
		for real_jid in occupant:each_session() do
			room._jid_nick[real_jid] = nil;
		end
		room._occupants[occupant.nick] = nil;
	end
end);

module:hook("muc-occupant-pre-join", function (event)
	if not event.room.is_full_for_tests then return; end
	event.origin.send(st.error_reply(event.stanza, "cancel", "service-unavailable"));
	return true;
end);

module:hook("muc-pre-set-affiliation", function (event)
	if not event.room.keeps_owners_for_tests or event.previous_affiliation ~= "owner" then return; end
	event.allowed = false;
end);

module:hook("iq-set/bare/http://jabber.org/protocol/muc#admin:query", function (event)
	if not ignoring[event.stanza.attr.to] then return; end
	event.origin.send(st.reply(event.stanza));
	return true;
end, 1);
