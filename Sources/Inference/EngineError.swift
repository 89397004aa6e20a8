internal import Base
internal import COpenVINO

/// What OpenVINO answered to a call that failed, in its own words.
struct EngineError: Error {
  let call: StaticString
  let status: Int32
  let words: String
}

/// Turns the library's status into a typed throw that names the call.
///
/// The library keeps one last message for the whole process, so two calls that fail at the same moment may swap their
/// words; where the words decide what a person reads, use ``checkAlone(_:_:)``.
func check(_ call: StaticString, _ status: ov_status_e) throws(EngineError) {
  guard status != OK else { return }
  throw EngineError(call: call, status: status.rawValue, words: words(of: status))
}

/// The same for the slow calls that read and compile networks: one at a time, so that the words are this call's own.
///
/// An inference that fails on another thread may still put its words in between, so a call that fails is made again until it says the
/// same twice.
func checkAlone(_ call: StaticString, _ body: () -> ov_status_e) throws(EngineError) {
  try oneAtATime.update { (_) throws(EngineError) in
    var last: EngineError?
    for _ in 0..<5 {
      do throws(EngineError) { return try check(call, body()) } catch {
        if error.words == last?.words { throw error }
        last = error
      }
    }
    if let last { throw last }
  }
}

/// Guards no value; one without a size, like `()`, the thread sanitizer would take for the monitor itself.
private let oneAtATime = Monitor(false)

private func words(of status: ov_status_e) -> String {
  // These two come without a message; the last one is then that of an older failure.
  if status != INVALID_C_PARAM, status != UNKNOW_EXCEPTION, let message = unsafe ov_get_last_err_msg() {
    defer { unsafe ov_free(message) }  // a copy for us, in spite of its `const`
    return unsafe String(cString: message)
  }
  return unsafe ov_get_error_info(status).map { unsafe String(cString: $0) } ?? ""
}

extension EngineError {
  /// No front end took the network file for its own, and so it may be that the right one is missing.
  var isUnread: Bool { words.contains("Unable to read the model") }

  /// For calls that cannot fail on valid input: whoever sees this found a mistake of ours.
  var asBug: Fault { Fault(.bug, "the inference engine refused \(call)", cause: words) }
}
