// Calls a Doorman with a key, and reads the typed detail of its errors.

#ifndef DOORMAN_CALLER_H_
#define DOORMAN_CALLER_H_

#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "doorman/v1/error.pb.h"
#include "rpc_status.pb.h"

constexpr std::chrono::seconds kDeadline{10};

/** Opens a channel; in clear text when there is no file with a root certificate. */
inline std::shared_ptr<grpc::Channel> Connect(const char* address, const char* ca_file) {
  if (ca_file == nullptr) return grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  std::ifstream file(ca_file);
  grpc::SslCredentialsOptions options;
  options.pem_root_certs.assign(std::istreambuf_iterator<char>(file), {});
  // Without one gRPC would trust every authority that it brings along.
  if (options.pem_root_certs.empty()) {
    throw std::runtime_error(std::string(ca_file) + " cannot be read");
  }
  return grpc::CreateChannel(address, grpc::SslCredentials(options));
}

/** Answers the ErrorDetail of a failed call; nothing when the call did not reach Doorman. */
inline std::optional<doorman::v1::ErrorDetail> DetailOf(const grpc::Status& status) {
  // gRPC for C++ calls the trailer grpc-status-details-bin the error's details.
  doorman::sdk::RpcStatus rpc_status;
  if (!rpc_status.ParseFromString(status.error_details())) return std::nullopt;
  doorman::v1::ErrorDetail detail;
  for (const auto& packed : rpc_status.details()) {
    if (packed.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

/** Is thrown when a call fails. */
struct CallFailed : std::runtime_error {
  explicit CallFailed(const grpc::Status& failure)
      : std::runtime_error(failure.error_message()), status(failure) {}
  grpc::Status status;
};

/** Calls methods with a key and a deadline. */
class Caller {
 public:
  Caller(std::shared_ptr<grpc::Channel> channel, const std::string& key)
      : channel_(std::move(channel)), authorization_("Bearer " + key) {}

  /** Prints how the call ended; throws CallFailed when it did not end well. */
  template <typename Stub, typename Request, typename Response>
  Response Call(const std::string& name,
                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request) {
    grpc::ClientContext context;
    Prepare(context);
    Stub stub(channel_);
    Response response;
    Finish(name, (stub.*method)(&context, request, &response));
    return response;
  }

  /** Reads a stream to its end; prints and throws as Call does. */
  template <typename Stub, typename Request, typename Response>
  std::vector<Response> Read(
      const std::string& name,
      std::unique_ptr<grpc::ClientReader<Response>> (Stub::*method)(grpc::ClientContext*,
                                                                    const Request&),
      const Request& request) {
    grpc::ClientContext context;
    Prepare(context);
    Stub stub(channel_);
    const auto reader = (stub.*method)(&context, request);
    std::vector<Response> messages;
    Response message;
    while (reader->Read(&message)) messages.push_back(message);
    Finish(name, reader->Finish());
    return messages;
  }

 private:
  void Prepare(grpc::ClientContext& context) const {
    context.AddMetadata("authorization", authorization_);
    context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  }

  static void Finish(const std::string& name, const grpc::Status& status) {
    if (status.ok()) {
      std::cout << name << " OK" << std::endl;
      return;
    }
    const auto detail = DetailOf(status);
    std::cout << name << " "
              << (detail ? doorman::v1::ErrorReason_Name(detail->reason()) : status.error_message())
              << std::endl;
    throw CallFailed(status);
  }

  std::shared_ptr<grpc::Channel> channel_;
  std::string authorization_;
};

// Macros, so that no line can name another method than the one that is called.
#define CALL(caller, Service, Method, request)                                      \
  (caller).Call(std::string(Service::service_full_name()) + "/" #Method,            \
                &Service::Stub::Method, request)
#define READ(caller, Service, Method, request)                                      \
  (caller).Read(std::string(Service::service_full_name()) + "/" #Method,            \
                &Service::Stub::Method, request)

#endif  // DOORMAN_CALLER_H_
