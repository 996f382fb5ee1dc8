-- mod_privilege 0.12 looks at a client's rights only on the host that the client logs in to, and so
-- refuses Doorman the rosters of your other hosts. This lets every host look, as mod_privilege
-- itself does for components. What each host allows is still its own privileged_entities.
--
-- Presence stays as it is: Doorman is told of those who come online on its own host alone.

local privilege = module:shared "/*/privilege/session";

module:hook("authentication-success", function (event)
	for look_at_rights in privilege.connected_cb:items() do
		look_at_rights(event);
	end
end);
