-- Refuses to list the services of a host: a message to the host names the condition, and "nothing" ends it.

local st = require "util.stanza";
local condition;

module:hook("message/host", function (event)
	local body = event.stanza:get_child_text("body");
	condition = body ~= "nothing" and body or nil;
	return true;
end, 1);

module:hook("iq-get/host/http://jabber.org/protocol/disco#items:query", function (event)
	if not condition then return; end
	event.origin.send(st.error_reply(event.stanza, "wait", condition));
	return true;
end, 1);
