import {
  clone,
  create,
  type DescService,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Code, type ServiceImpl } from "@connectrpc/connect";
import {
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  type ServerReflectionResponse,
  ServerReflectionResponseSchema,
  type ServerReflection as ServerReflectionV1,
} from "../../gen/grpc/reflection/v1/reflection_pb.js";
import {
  ServerReflectionRequestSchema as RequestV1alphaSchema,
  ServerReflectionResponseSchema as ResponseV1alphaSchema,
  type ServerReflection as ServerReflectionV1alpha,
} from "../../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { quoted } from "../errors/quote.js";
import { FileDescriptors } from "./file-descriptors.js";

type Answer = NonNullable<
  MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"]
>;

/**
 * Makes gRPC's server reflection, so that grpcurl and buf curl need no files. The two versions are the
 * same but for their names.
 * @param services all that the port serves
 */
export function reflectionServices(services: readonly DescService[]): {
  v1: ServiceImpl<typeof ServerReflectionV1>;
  v1alpha: ServiceImpl<typeof ServerReflectionV1alpha>;
} {
  const files = new FileDescriptors(services.map(({ file }) => file));

  function answer({ messageRequest: asked }: ServerReflectionRequest): Answer {
    switch (asked.case) {
      case "listServices":
        return {
          case: "listServicesResponse",
          value: { service: services.map(({ typeName }) => ({ name: typeName })) },
        };
      case "fileByFilename":
        return fileAnswer(files.byName(asked.value), asked.value);
      case "fileContainingSymbol":
        return fileAnswer(files.bySymbol(asked.value), asked.value);
      case "fileContainingExtension": {
        const { containingType, extensionNumber } = asked.value;
        const found = files.byExtension(containingType, extensionNumber);
        return fileAnswer(found, `${containingType} extension ${extensionNumber}`);
      }
      case "allExtensionNumbersOfType": {
        const numbers = files.extensionNumbers(asked.value);
        if (numbers === undefined)
          return errorAnswer(Code.NotFound, `${quoted(asked.value)} is not known`);
        return {
          case: "allExtensionNumbersResponse",
          value: { baseTypeName: asked.value, extensionNumber: numbers },
        };
      }
      default:
        return errorAnswer(Code.InvalidArgument, "The request asks for nothing");
    }
  }

  function respond(request: ServerReflectionRequest): ServerReflectionResponse {
    return create(ServerReflectionResponseSchema, {
      validHost: quoted(request.host),
      originalRequest: withShortTexts(request),
      messageResponse: answer(request),
    });
  }

  return {
    v1: {
      async *serverReflectionInfo(requests) {
        for await (const request of requests) yield respond(request);
      },
    },
    v1alpha: {
      async *serverReflectionInfo(requests) {
        for await (const request of requests) {
          const same = toBinary(RequestV1alphaSchema, request);
          const response = respond(fromBinary(ServerReflectionRequestSchema, same));
          yield fromBinary(
            ResponseV1alphaSchema,
            toBinary(ServerReflectionResponseSchema, response),
          );
        }
      },
    },
  };
}

/** Returns a request as its answer repeats it: what asks for a name that is known is short. */
function withShortTexts(request: ServerReflectionRequest): ServerReflectionRequest {
  const short = clone(ServerReflectionRequestSchema, request);
  short.host = quoted(short.host);
  const asked = short.messageRequest;
  if (typeof asked.value === "string") asked.value = quoted(asked.value);
  else if (asked.value) asked.value.containingType = quoted(asked.value.containingType);
  return short;
}

function fileAnswer(fileDescriptorProto: Uint8Array[] | undefined, asked: string): Answer {
  if (fileDescriptorProto === undefined)
    return errorAnswer(Code.NotFound, `${quoted(asked)} is not known`);
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function errorAnswer(errorCode: Code, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
