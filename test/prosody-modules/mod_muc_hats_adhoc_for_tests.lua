-- Offers on a MUC component the ad-hoc commands that the community module mod_muc_hats_adhoc
-- documents, so that the tests can give hats on a Prosody as Debian packages it.

local new_form = require "util.dataforms".new;
local new_handler = require "util.adhoc".new_simple_form;
local muc = module:depends "muc";
module:depends "adhoc";
local new_command = module:require "adhoc".new;

-- Lets `change` edit the hats of an affiliated user; nil and a sentence when it could not.
local function edit_hats(room_jid, user_jid, change)
	local room = muc.get_room_from_jid(room_jid);
	if not room then
		return nil, "no such room";
	end
	local affiliation = room:get_affiliation(user_jid);
	if not affiliation then
		return nil, "user not affiliated with room";
	end
	local data = room:get_affiliation_data(user_jid) or {};
	data.hats = data.hats or {};
	change(data.hats);
	-- Setting the affiliation that the user has saves the room and sends the presence out again.
	local ok, _, condition = room:set_affiliation(true, user_jid, affiliation, nil, data);
	return ok, condition;
end

-- Answers failures as the community module does: "completed", with the reason in an info note.
local function offer(command)
	local function handle(fields, field_errors)
		if field_errors then
			local name, what = next(field_errors);
			return { status = "completed", error = { message = name .. ": " .. what } };
		end
		local ok, why = edit_hats(fields.room, fields.user, function (hats)
			command.change(hats, fields);
		end);
		return { status = "completed", info = ok and command.done or (command.failed .. ": " .. why) };
	end
	module:provides("adhoc", new_command(command.title, command.node,
		new_handler(new_form(command.form), handle), "admin"));
end

local user = { name = "user", type = "jid-single", label = "User", required = true };
local room = { name = "room", type = "jid-single", label = "Room", required = true };
local uri = { name = "uri", type = "text-single", label = "Hat id, a URI", required = true };
local title = { name = "title", type = "text-single", label = "Hat title" };

offer {
	title = "Add a hat";
	node = "http://prosody.im/protocol/hats#add";
	form = { title = "Add a hat", user, room, title, uri };
	change = function (hats, fields)
		hats[fields.uri] = { active = true, required = true, title = fields.title };
	end;
	done = "The hat has been added successfully";
	failed = "There was an error adding the hat";
};

offer {
	title = "Remove a hat";
	node = "http://prosody.im/protocol/hats#remove";
	form = { title = "Remove a hat", user, room, uri };
	change = function (hats, fields)
		hats[fields.uri] = nil;
	end;
	done = "The hat has been removed successfully";
	failed = "There was an error removing the hat";
};
