-- Keeps clients from editing rosters that an app owns, for hosts whose rosters Doorman refreshes from it:
-- whatever a client changed, the next refresh would undo. What Doorman changes (mod_privilege) goes
-- another way and is pushed to clients as always.

local st = require "util.stanza";
local jid_bare = require "util.jid".bare;
local is_subscribed = require "core.rostermanager".is_contact_subscribed;

local changes_subscription = {
	subscribe = true; subscribed = true; unsubscribe = true; unsubscribed = true;
};

-- Before mod_roster, which has no priority (RFC 6121 section 2.1.5).
module:hook("iq/self/jabber:iq:roster:query", function (event)
	local origin, stanza = event.origin, event.stanza;
	if stanza.attr.type ~= "set" then return; end
	origin.send(st.error_reply(stanza, "cancel", "not-allowed", "This roster is kept by an app"));
	return true;
end, 100);

-- What a client of this host asks of somebody.
local function refuse_outgoing(event)
	local origin, stanza = event.origin, event.stanza;
	if not changes_subscription[stanza.attr.type] then return; end
	origin.send(st.error_reply(stanza, "cancel", "not-allowed", "This roster is kept by an app"));
	return true;
end
module:hook("pre-presence/bare", refuse_outgoing, 100);
module:hook("pre-presence/full", refuse_outgoing, 100);
module:hook("pre-presence/host", refuse_outgoing, 100);

-- What others ask of a user of this host is dropped, for it would change the roster too; only a request
-- of somebody who is subscribed already is left to Prosody, which confirms it (RFC 6121 section 3.1.3).
local function drop_incoming(event)
	local stanza = event.stanza;
	local kind = stanza.attr.type;
	if not changes_subscription[kind] then return; end
	local username = stanza.attr.to and stanza.attr.to:match("^([^@/]+)@");
	if kind == "subscribe" and username
		and is_subscribed(username, module.host, jid_bare(stanza.attr.from)) then
		return;
	end
	return true;
end
module:hook("presence/bare", drop_incoming, 200);
module:hook("presence/full", drop_incoming, 200);
