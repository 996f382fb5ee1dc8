-- Takes all hats out of presence, as a server does whose commands say yes and do nothing.

module:hook("muc-build-occupant-presence", function (event)
	event.stanza:remove_children("hats", "xmpp:prosody.im/protocol/hats:1"); -- 0.12
	event.stanza:remove_children("hats", "urn:xmpp:hats:0"); -- 13.0
end, -10);
