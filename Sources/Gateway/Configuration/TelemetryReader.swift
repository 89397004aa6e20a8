internal import Base
internal import Objects
internal import YAML

/// Reads where traces and logs go, as the variables that say the same in the environment.
struct TelemetryReader {
  enum Key: String, CaseIterable {
    case endpoint, service, ratio, logs, frames
    case headersFile = "headers-file"
    case headersEnvironment = "headers-environment"
  }
  private enum Switch: String, CaseIterable { case off }

  let secrets: TargetReader

  func read(_ value: YAMLValue) throws(Fault) -> [String: String] {
    guard case .map = value.node.kind else {
      _ = try value.choice(of: Switch.self)
      return ["OTEL_SDK_DISABLED": "true"]
    }
    let fields = try value.fields(Key.self)
    let endpoint = try fields.required(.endpoint)
    let address = try endpoint.text()
    do throws(Fault) { try SignedRequest.check(address) } catch { throw endpoint.fault(error.message) }
    var said = ["OTEL_EXPORTER_OTLP_ENDPOINT": address]
    if let value = fields[.service] { said["OTEL_SERVICE_NAME"] = try value.text() }
    if let value = fields[.ratio] {
      said["OTEL_TRACES_SAMPLER"] = "parentbased_traceidratio"
      said["OTEL_TRACES_SAMPLER_ARG"] = "\(try value.score())"
    }
    if let value = fields[.logs] { said["OTEL_LOGS_EXPORTER"] = try value.flag() ? "otlp" : "none" }
    if let value = fields[.frames] {
      let isOff = try value.text() == "off"
      said["RIDLEY_TELEMETRY_FRAMES"] = isOff ? "0" : "\(try value.seconds(in: 0.1...86_400, orElse: "off"))"
    }
    if let headers = try secrets.secret(fields, .headersFile, .headersEnvironment) {
      said["OTEL_EXPORTER_OTLP_HEADERS"] = headers
    }
    return said
  }
}
