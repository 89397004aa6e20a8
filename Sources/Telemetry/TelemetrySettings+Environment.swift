internal import Base
internal import Glibc
internal import Objects

extension TelemetrySettings {
  /// Reads the environment; what cannot be followed is left as usual, with a warning, and nothing here is a fault.
  ///
  /// Nothing is sent unless an address says where to. `version` is the program's.
  public init(version: String, _ environment: @escaping (String) -> String?) {
    let reader = Reader { environment($0).flatMap { $0.isEmpty ? nil : $0 } }
    guard reader.find("OTEL_SDK_DISABLED")?.lowercased() != "true" else { return }
    for signal in Signal.allCases { receivers[signal] = receiver(of: signal, reader) }
    guard isOn else { return }
    if let name = reader.find("OTEL_TRACES_SAMPLER") {
      if let found = Sampler(name: name, argument: reader.find("OTEL_TRACES_SAMPLER_ARG")) {
        sampler = found
      } else {
        warnings.append(
          "OTEL_TRACES_SAMPLER '\(name.prefix(60))' with its argument is no sampler that is known, so parentbased_always_on is used"
        )
      }
    }
    for (name, signal) in [("OTEL_BSP_SCHEDULE_DELAY", Signal.traces), ("OTEL_BLRP_SCHEDULE_DELAY", .logs)] {
      if let wait = milliseconds(name, reader) { delaySeconds[signal] = wait }
    }
    if let text = reader.find("RIDLEY_TELEMETRY_FRAMES") {
      if let seconds = Double(text), seconds >= 0, seconds.isFinite {
        frameSeconds = seconds > 0 ? seconds : nil
      } else {
        warnings.append("RIDLEY_TELEMETRY_FRAMES '\(text.prefix(60))' is no number of seconds, so 10 is used")
      }
    }
    resource = resource(version, reader)
  }

  private struct Reader {
    let find: (String) -> String?

    /// What is said for one signal goes before what is said for all.
    func find(_ word: String, of signal: Signal) -> String? {
      find("OTEL_EXPORTER_OTLP_\(signal.rawValue.uppercased())_\(word)") ?? find("OTEL_EXPORTER_OTLP_\(word)")
    }
  }

  private mutating func receiver(of signal: Signal, _ reader: Reader) -> Receiver? {
    let name = signal.rawValue.uppercased()
    if let exporter = reader.find("OTEL_\(name)_EXPORTER"), exporter != "otlp" {
      if exporter != "none" {
        warnings.append(
          "OTEL_\(name)_EXPORTER is '\(exporter.prefix(60))': otlp and none are known, so no \(signal) are sent")
      }
      return nil
    }
    let own = reader.find("OTEL_EXPORTER_OTLP_\(name)_ENDPOINT")
    guard let said = own ?? reader.find("OTEL_EXPORTER_OTLP_ENDPOINT") else { return nil }
    if let spoken = reader.find("PROTOCOL", of: signal), !spoken.hasPrefix("http/") {
      warnings.append(
        "OTEL_EXPORTER_OTLP_PROTOCOL is '\(spoken.prefix(60))', and http/protobuf is spoken here: no \(signal) are sent; say http/protobuf, and the receiver's port for it, which is mostly 4318"
      )
      return nil
    }
    do throws(Fault) { try SignedRequest.check(said) } catch {
      // What is no address may hold a secret all the same.
      warnings.append(
        "the address for \(signal) in OTEL_EXPORTER_OTLP_ENDPOINT is no http or https address without user and password: no \(signal) are sent"
      )
      return nil
    }
    var receiver = Receiver(address: own ?? Self.base(said) + "v1/\(signal)")
    receiver.headers = headers(of: signal, reader)
    receiver.seconds =
      milliseconds("OTEL_EXPORTER_OTLP_\(name)_TIMEOUT", reader)
      ?? milliseconds("OTEL_EXPORTER_OTLP_TIMEOUT", reader) ?? receiver.seconds
    receiver.authorities = reader.find("CERTIFICATE", of: signal)
    return receiver
  }

  /// With a slash at its end.
  private static func base(_ address: String) -> String { address.hasSuffix("/") ? address : address + "/" }

  private mutating func headers(of signal: Signal, _ reader: Reader) -> [(name: String, value: String)] {
    guard let text = reader.find("HEADERS", of: signal) else { return [] }
    let pairs = PairList.read(text)
    let isFine = pairs?.allSatisfy { name, value in
      name.utf8.allSatisfy(Self.isOfToken) && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    }
    guard let pairs, isFine == true else {
      warnings.append(
        "OTEL_EXPORTER_OTLP_HEADERS is not NAME=VALUE,NAME=VALUE (a comma in a value is %2C): \(signal) are sent without them"
      )
      return []
    }
    return pairs
  }

  /// What the name of a header is made of (RFC 9110).
  private static func isOfToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }

  /// In seconds.
  private mutating func milliseconds(_ name: String, _ reader: Reader) -> Double? {
    guard let text = reader.find(name) else { return nil }
    guard let number = Int(text), (1...3_600_000).contains(number) else {
      warnings.append("\(name) '\(text.prefix(60))' is no number of milliseconds from 1 to 3600000, and is passed over")
      return nil
    }
    return Double(number) / 1000
  }

  private mutating func resource(_ version: String, _ reader: Reader) -> [Attribute] {
    var random = SystemRandomNumberGenerator()
    var values = [
      ("service.name", "ridley"), ("service.version", version), ("host.name", Self.hostName),
      ("service.instance.id", Trace(using: &random).idText), ("telemetry.sdk.name", "ridley"),
      ("telemetry.sdk.language", "swift"), ("telemetry.sdk.version", version),
    ]
    var said: [(name: String, value: String)] = []
    if let text = reader.find("OTEL_RESOURCE_ATTRIBUTES") {
      if let pairs = PairList.read(text) {
        said = pairs
      } else {
        warnings.append("OTEL_RESOURCE_ATTRIBUTES is not NAME=VALUE,NAME=VALUE, and is passed over")
      }
    }
    if let name = reader.find("OTEL_SERVICE_NAME") { said.append(("service.name", name)) }
    for (name, value) in said {
      values.removeAll { $0.0 == name }
      values.append((name, value))
    }
    return values.map { Attribute($0.0, $0.1) } + [Attribute("process.pid", Int(getpid()))]
  }

  private static var hostName: String {
    var bytes = [CChar](repeating: 0, count: 256)
    guard gethostname(&bytes, bytes.count - 1) == 0 else { return "unknown" }
    return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
