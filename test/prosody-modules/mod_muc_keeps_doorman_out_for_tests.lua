-- Lets everybody but Doorman into rooms.

local st = require "util.stanza";
local jid_node = require "util.jid".node;

module:hook("muc-occupant-pre-join", function (event)
	if jid_node(event.stanza.attr.from) ~= "doorman" then return; end
	event.origin.send(st.error_reply(event.stanza, "auth", "registration-required", nil, event.room.jid));
	return true;
end, 100);
