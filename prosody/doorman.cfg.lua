-- What Doorman needs of your Prosody 0.12 or 13, with Debian's package prosody-modules for mod_privilege.
--
-- Copy this file to /etc/prosody/conf.d/ and mod_privilege_other_hosts.lua to
-- /usr/local/lib/prosody/modules/ (or another of your plugin_paths), put your own names in the place
-- of these, restart Prosody and create the account: prosodyctl adduser doorman@example.com (13.0.7
-- wants a running server for that). Where your configuration already has a VirtualHost or Component
-- line of the same name, move the settings there instead: of two modules_enabled for one host Prosody
-- keeps only the last.
--
-- `npm run prosody` and the tests run a private Prosody on this very file.

-- The account that Doorman logs in with.
local doorman = "doorman@example.com"

-- What Doorman needs on each host whose accounts it looks after, on top of the modules that you
-- enable for all hosts (disco, roster and saslauth among them, as in the stock configuration).
local modules = {
	"admin_adhoc";           -- tells whether an account exists (XEP-0133)
	"invites";               -- keeps the invites
	"invites_adhoc";         -- lets Doorman create them (XEP-0401)
	"invites_register";      -- lets clients redeem them for an account, once (XEP-0445)
	"privilege";             -- lets Doorman read and change rosters (XEP-0356)
	"privilege_other_hosts"; -- the same for hosts other than Doorman's own; leave out with one host
	-- "app_owned_rosters";  -- keeps clients from editing rosters that your contacts app owns
}

-- Doorman reads and changes rosters, and is told when users come online.
local privileges = { [doorman] = { roster = "both", presence = "managed_entity" } }

VirtualHost "example.com"
	modules_enabled = modules
	privileged_entities = privileges

	-- An administrator of this host, beside those that you name for the whole server. Doorman needs
	-- no more than that.
	admins = { doorman }

	-- mod_limits holds every client to 10 kB/s, which is some 120 requests a second. Not this one.
	unlimited_jids = { doorman }

	-- An account takes an invite. Leave allow_registration unset: it is not needed, and would open
	-- registration to everyone if mod_invites_register were ever removed.
	registration_invite_only = true

	-- How Doorman finds the rooms of this host. Components of a subdomain of it (say
	-- conference.example.com) are found without this line. Keep it in the block of one host: a domain that
	-- two hosts list is nobody's to Doorman, until "muc" in its own configuration says whose it is.
	disco_items = { { "chat.example.org", "Rooms" } }

-- Each further host that Doorman serves takes a block like this one.
VirtualHost "localhost"
	modules_enabled = modules
	privileged_entities = privileges
	admins = { doorman }
	registration_invite_only = true

Component "chat.example.org" "muc"
	-- Owner of every room, and so able to kick.
	admins = { doorman }

	-- Prosody 13 takes users for guests, who can make no persistent or public rooms, unless they are of
	-- this host. Without the line it is the parent domain, here example.org. 0.12 ignores it.
	parent_host = "example.com"

	-- Hats need the community module mod_muc_hats_adhoc, which Debian does not package. With it and
	-- mod_muc_hats_api in one of your plugin_paths:
	-- modules_enabled = { "muc_hats_adhoc" }

Component "conference.localhost" "muc"
	admins = { doorman }
