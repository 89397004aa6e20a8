internal import Base
internal import CONNXRuntime

/// What ONNX Runtime answered to a call that failed.
struct RuntimeError: Error {
  let call: StaticString
  let code: Int32
  let words: String
}

extension OrtApi {
  /// Turns a status into a typed throw that names the call, and frees it.
  @unsafe
  func check(_ call: StaticString, _ status: OpaquePointer?) throws(RuntimeError) {
    guard let status = unsafe status else { return }
    defer { unsafe ReleaseStatus(status) }
    throw RuntimeError(
      call: call, code: unsafe GetErrorCode(status),
      words: unsafe GetErrorMessage(status).map { unsafe String(cString: $0) } ?? "")
  }
}

extension RuntimeError {
  /// Why a network cannot be opened, in one sentence for a person.
  func fault(in engine: String) -> Fault {
    for (start, end) in Self.operators {
      guard let name = Self.between(start, end, in: words) else { continue }
      return Fault(.unsupported, "\(engine) does not have its operator \(Self.plain(name))", cause: words)
    }
    return Fault(.badInput, "\(engine) does not open it: \(gist)", cause: words)
  }

  /// Why an inference failed: what it calls an invalid argument came from the caller.
  var ofRun: Fault {
    guard code == 2 else { return Fault(.unavailable, "the inference failed", cause: words) }
    return Fault(.badInput, "the network does not take these values: \(gist)", cause: words)
  }

  /// It says that NVIDIA's device, or what drives it, is not there.
  var isOfDevice: Bool { "\(call)".contains("CUDA") || words.contains("CUDA failure") || words.contains("CUDA error") }

  func ofDevice(_ number: Int, _ engine: String) -> Fault {
    // Which of NVIDIA's libraries is missing stands behind where its own is.
    let gist = Self.between(" with error: ", "\n", in: words) ?? gist
    return Fault(
      .unavailable,
      "\(engine) does not run on cuda:\(number) here (\(gist)): it takes the onnxruntime-gpu library (./bootstrap --cuda), NVIDIA's driver, CUDA and cuDNN",
      cause: words)
  }

  /// For calls that cannot fail on valid input.
  var asBug: Fault { Fault(.bug, "ONNX Runtime refused \(call)", cause: words) }

  /// What stands before and behind an operator that it lacks.
  private static let operators = [
    ("Fatal error: ", " is not a registered function/op"), ("Could not find an implementation for ", " node"),
    ("No Op registered for ", " with domain_version"), ("Unrecognized operator: ", "\n"),
  ]

  /// `com.microsoft:Fast(-1)` and `Fast(11)` without their numbers.
  private static func plain(_ name: String) -> String { String(name.prefix { $0 != "(" }) }

  private static func between(_ start: String, _ end: String, in text: String) -> String? {
    guard let head = text.firstRange(of: start) else { return nil }
    let rest = text[head.upperBound...]
    return String(rest[..<(rest.firstRange(of: end)?.lowerBound ?? rest.endIndex)])
  }

  /// Its first line without the path of the file, which is no one's business who asks over a network.
  private var gist: String {
    let line = words.split(separator: "\n").first.map(String.init) ?? "it gives no reason"
    let tail = Self.between(" failed:", "\n", in: line) ?? line
    // Its own source file and function come before what it has to say.
    guard tail.hasPrefix("/"), let place = tail.firstRange(of: ") ") ?? tail.firstRange(of: "] ") else { return tail }
    return String(tail[place.upperBound...])
  }
}
