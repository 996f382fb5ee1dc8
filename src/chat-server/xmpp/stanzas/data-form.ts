import { xml } from "@xmpp/client";
import { attribute, type Element } from "./stanza.js";

/** XEP-0004. */
const NS_DATA = "jabber:x:data";

/** A data form (XEP-0004): its fields by name, with their values. */
export type DataForm = ReadonlyMap<string, FormField>;

export interface FormField {
  required: boolean;
  values: readonly string[];
  /** What a list offers to choose from. */
  options: readonly string[];
}

/** Reads the form that is a child of an element; undefined when there is none. */
export function readForm(parent: Element): DataForm | undefined {
  const form = parent.getChild("x", NS_DATA);
  return form === undefined ? undefined : readFields(form);
}

/** Reads the rows of the form that is a child of an element (XEP-0004 section 3.4); none when there is none. */
export function readRows(parent: Element): DataForm[] {
  return parent.getChild("x", NS_DATA)?.getChildren("item").map(readFields) ?? [];
}

function readFields(parent: Element): DataForm {
  return new Map(
    parent.getChildren("field").map((field) => [
      attribute(field, "var"),
      {
        required: field.getChild("required") !== undefined,
        values: field.getChildren("value").map((value) => value.getText()),
        options: field.getChildren("option").map((option) => option.getChildText("value") ?? ""),
      },
    ]),
  );
}

/** Answers the first value of a field; empty when the field is absent or has none. */
export function firstValue(form: DataForm, name: string): string {
  return form.get(name)?.values[0] ?? "";
}

/** Makes a form of type "submit" (XEP-0004 section 3.2). */
export function submitForm(values: ReadonlyMap<string, readonly string[]>): Element {
  return xml(
    "x",
    { xmlns: NS_DATA, type: "submit" },
    ...[...values].map(([name, texts]) =>
      xml("field", { var: name }, ...texts.map((text) => xml("value", {}, text))),
    ),
  );
}
