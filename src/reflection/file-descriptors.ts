import { type DescExtension, type DescFile, type DescMessage, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

/** Finds the descriptors of proto files by what is asked for, for reflection. */
export class FileDescriptors {
  readonly #byName = new Map<string, DescFile>();
  readonly #bySymbol = new Map<string, DescFile>();
  readonly #extensions = new Map<string, Map<number, DescFile>>();

  constructor(files: readonly DescFile[]) {
    for (const file of files) this.#add(file);
  }

  /** Answers a file and all that it imports, as serialised FileDescriptorProtos, itself first. */
  byName(name: string): Uint8Array[] | undefined {
    return withImports(this.#byName.get(name));
  }

  /** The same for the file that declares a service, method, message, field, enum or extension. */
  bySymbol(symbol: string): Uint8Array[] | undefined {
    return withImports(this.#bySymbol.get(symbol));
  }

  /** The same for the file that declares a message's extension with a number. */
  byExtension(typeName: string, number: number): Uint8Array[] | undefined {
    return withImports(this.#extensions.get(typeName)?.get(number));
  }

  /** Answers the numbers of a message's extensions; undefined when there is no such message. */
  extensionNumbers(typeName: string): number[] | undefined {
    if (!this.#bySymbol.has(typeName)) return undefined;
    return [...(this.#extensions.get(typeName)?.keys() ?? [])];
  }

  #add(file: DescFile): void {
    if (this.#byName.has(file.proto.name)) return;
    this.#byName.set(file.proto.name, file);
    for (const imported of file.dependencies) this.#add(imported);
    for (const service of file.services) {
      this.#bySymbol.set(service.typeName, file);
      for (const { name } of service.methods) {
        this.#bySymbol.set(`${service.typeName}.${name}`, file);
      }
    }
    for (const { typeName } of file.enums) this.#bySymbol.set(typeName, file);
    for (const extension of file.extensions) this.#addExtension(extension, file);
    for (const message of file.messages) this.#addMessage(message, file);
  }

  #addMessage(message: DescMessage, file: DescFile): void {
    this.#bySymbol.set(message.typeName, file);
    for (const { name } of message.fields) {
      this.#bySymbol.set(`${message.typeName}.${name}`, file);
    }
    for (const { typeName } of message.nestedEnums) this.#bySymbol.set(typeName, file);
    for (const extension of message.nestedExtensions) this.#addExtension(extension, file);
    for (const nested of message.nestedMessages) this.#addMessage(nested, file);
  }

  #addExtension(extension: DescExtension, file: DescFile): void {
    this.#bySymbol.set(extension.typeName, file);
    const { typeName } = extension.extendee;
    const ofMessage = this.#extensions.get(typeName) ?? new Map<number, DescFile>();
    this.#extensions.set(typeName, ofMessage.set(extension.number, file));
  }
}

function withImports(file: DescFile | undefined): Uint8Array[] | undefined {
  if (file === undefined) return undefined;
  const seen = new Set<DescFile>();
  const visit = (one: DescFile): void => {
    if (seen.has(one)) return;
    seen.add(one);
    for (const imported of one.dependencies) visit(imported);
  };
  visit(file);
  return [...seen].map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
}
