-- Offers in the rooms of a MUC component the ad-hoc commands of XEP-0317 version 0.3 as ejabberd 26
-- answers them, so that the tests can give such hats where there is no ejabberd of that age.

local st = require "util.stanza";
local dataform = require "util.dataforms".new;
local jid_bare = require "util.jid".bare;
local jid_prep = require "util.jid".prep;
local muc = module:depends "muc";

local xmlns_hats = "urn:xmpp:hats:0";
local xmlns_commands = "http://jabber.org/protocol/commands";
local xmlns_items = "http://jabber.org/protocol/disco#items";
local prefix = "urn:xmpp:hats:commands:";
local max_hats_of_user, max_users_with_hats = 10, 100;

-- What a room knows: `defined` by URI, and `assigned`, the URIs by user.
local function hats_of(room)
	if not room._data.hats_for_tests then
		room._data.hats_for_tests = { defined = {}, assigned = {} };
	end
	return room._data.hats_for_tests;
end

local function send_presence_of(room, user)
	for _, occupant in room:each_occupant() do
		if jid_bare(occupant.bare_jid) == user then
			room:publicise_occupant_status(occupant, st.stanza("x", { xmlns = "http://jabber.org/protocol/muc#user" }));
		end
	end
end

local function wearers(hats, uri)
	local found = {};
	for user, uris in pairs(hats.assigned) do
		if uris[uri] then table.insert(found, user); end
	end
	return found;
end

local function count(map)
	local n = 0;
	for _ in pairs(map) do n = n + 1; end
	return n;
end

local uri = { name = "hats#uri", type = "text-single", label = "Hat URI", required = true };
local title = { name = "hats#title", type = "text-single", label = "Hat title", required = true };
local hue = { name = "hats#hue", type = "text-single", label = "Hat hue" };
local user = { name = "hats#jid", type = "jid-single", label = "Jabber ID", required = true };
local hat = { name = "hat", type = "list-single", label = "The role" };

-- Each form's `complete` is given the room and the values, and answers nothing, or an error's condition and text.
local forms = {
	create = {
		fields = { uri, title, hue };
		complete = function (room, values)
			local hats, id, name = hats_of(room), values["hats#uri"], values["hats#title"];
			if not id or not name then return "bad-request"; end
			local former = hats.defined[id];
			hats.defined[id] = { title = name, hue = values["hats#hue"] };
			if former and (former.title ~= name or former.hue ~= values["hats#hue"]) then
				for _, wearer in ipairs(wearers(hats, id)) do send_presence_of(room, wearer); end
			end
		end;
	};
	destroy = {
		fields = { hat };
		complete = function (room, values)
			local hats = hats_of(room);
			if not values.hat then return "bad-request"; end
			hats.defined[values.hat] = nil;
			for _, wearer in ipairs(wearers(hats, values.hat)) do
				hats.assigned[wearer][values.hat] = nil;
				-- Nothing is sent out for who has no hat any more.
				if next(hats.assigned[wearer]) then send_presence_of(room, wearer); else hats.assigned[wearer] = nil; end
			end
		end;
	};
	assign = {
		fields = { user, hat };
		complete = function (room, values)
			local hats, wearer = hats_of(room), jid_bare(jid_prep(values["hats#jid"]));
			if not wearer or not values.hat then return "bad-request"; end
			local uris = hats.assigned[wearer] or {};
			local is_new = not uris[values.hat];
			if (is_new and count(uris) >= max_hats_of_user)
				or (not hats.assigned[wearer] and count(hats.assigned) >= max_users_with_hats) then
				return "not-allowed", "Hats limit exceeded";
			end
			uris[values.hat] = true;
			hats.assigned[wearer] = uris;
			send_presence_of(room, wearer);
		end;
	};
	unassign = {
		fields = { user, hat };
		complete = function (room, values)
			local hats, wearer = hats_of(room), jid_bare(jid_prep(values["hats#jid"]));
			if not wearer or not values.hat then return "bad-request"; end
			if hats.assigned[wearer] then
				hats.assigned[wearer][values.hat] = nil;
				if not next(hats.assigned[wearer]) then hats.assigned[wearer] = nil; end
			end
			send_presence_of(room, wearer);
		end;
	};
};

local function result_form(fields, rows)
	local form = st.stanza("x", { xmlns = "jabber:x:data", type = "result" }):tag("reported");
	for _, field in ipairs(fields) do form:tag("field", { var = field.name, label = field.label }):up(); end
	form:up();
	for _, row in ipairs(rows) do
		form:tag("item");
		for _, field in ipairs(fields) do
			form:tag("field", { var = field.name }):text_tag("value", row[field.name] or ""):up();
		end
		form:up();
	end
	return form;
end

local lists = {
	list = function (room)
		local rows = {};
		for id, about in pairs(hats_of(room).defined) do
			table.insert(rows, { ["hats#uri"] = id, ["hats#title"] = about.title, ["hats#hue"] = about.hue });
		end
		return result_form({ uri, title, hue }, rows);
	end;
	["list-assigned"] = function (room)
		local hats, rows = hats_of(room), {};
		for wearer, uris in pairs(hats.assigned) do
			for id in pairs(uris) do
				local about = hats.defined[id];
				-- One that was assigned and never defined is not listed.
				if about then
					table.insert(rows, {
						["hats#jid"] = wearer, ["hats#uri"] = id, ["hats#title"] = about.title, ["hats#hue"] = about.hue;
					});
				end
			end
		end
		return result_form({ user, uri, title, hue }, rows);
	end;
};

local function may_command(room, from)
	local affiliation = room:get_affiliation(from);
	return affiliation == "owner" or affiliation == "admin";
end

module:hook("iq-get/bare/" .. xmlns_items .. ":query", function (event)
	local stanza, origin = event.stanza, event.origin;
	if stanza.tags[1].attr.node ~= xmlns_commands then return; end
	local room = muc.get_room_from_jid(stanza.attr.to);
	if not room or not may_command(room, stanza.attr.from) then
		origin.send(st.error_reply(stanza, "cancel", "item-not-found", "Node not found"));
		return true;
	end
	local reply = st.reply(stanza):tag("query", { xmlns = xmlns_items, node = xmlns_commands });
	for _, name in ipairs({ "create", "destroy", "list", "assign", "unassign", "list-assigned" }) do
		reply:tag("item", { jid = room.jid, node = prefix .. name, name = name }):up();
	end
	origin.send(reply);
	return true;
end, 10);

module:hook("iq-set/bare/" .. xmlns_commands .. ":command", function (event)
	local stanza, origin = event.stanza, event.origin;
	local room = muc.get_room_from_jid(stanza.attr.to);
	if not room then return; end
	local command = stanza.tags[1];
	local name = command.attr.node:sub(1, #prefix) == prefix and command.attr.node:sub(#prefix + 1) or "";
	local action = command.attr.action or "execute";
	local function answer(status, form)
		origin.send(st.reply(stanza):tag("command", {
			xmlns = xmlns_commands, node = command.attr.node, sessionid = command.attr.sessionid or "s", status = status;
		}):add_child(form or st.stanza("actions")));
		return true;
	end
	local function refuse(condition, text)
		origin.send(st.error_reply(stanza, condition == "forbidden" and "auth" or "cancel", condition, text));
		return true;
	end
	if not may_command(room, stanza.attr.from) then return refuse("forbidden"); end
	if action == "cancel" then return answer("canceled"); end
	local form, list = forms[name], lists[name];
	if not form and not list then return refuse("item-not-found"); end
	if action == "execute" then
		if list then return answer("completed", list(room)); end
		return answer("executing", dataform(form.fields):form());
	end
	local submitted = command:get_child("x", "jabber:x:data");
	if action ~= "complete" or list or not submitted then return refuse("bad-request"); end
	local condition, text = form.complete(room, (dataform(form.fields):data(submitted)));
	if condition then return refuse(condition, text); end
	return answer("completed");
end, 10);

module:hook("muc-build-occupant-presence", function (event)
	local hats = hats_of(event.room);
	local wearer = jid_bare(event.occupant and event.occupant.bare_jid or event.bare_jid);
	if not hats.assigned[wearer] then return; end
	local shown = st.stanza("hats", { xmlns = xmlns_hats });
	for id in pairs(hats.assigned[wearer]) do
		local about = hats.defined[id];
		if about then shown:tag("hat", { uri = id, title = about.title, hue = about.hue }):up(); end
	end
	event.stanza:add_direct_child(shown);
end);
