import Base
import Execution
import Inference
import Synchronization

/// A unit, and a file that gets as many of the pictures that it is shown as are wanted: bytes, rows, columns, channels.
final class FrameRecorder: InferenceTarget {
  private struct State {
    var sink: FileSink?
    var wanted = 0
    var count = 0
    var failure: Fault?
  }

  private let unit: InferenceUnit
  private let state: Mutex<State>

  init(_ unit: InferenceUnit, to path: String) throws(Fault) {
    self.unit = unit
    let sink = try FileSink(path)
    state = Mutex(State(sink: sink))
  }

  var batch: Int { unit.batch }
  var streams: Int { unit.streams }
  func cancel(_ request: InferenceRequest) { unit.cancel(request) }

  /// So many of the next are kept.
  func keep(_ wanted: Int) { state.withLock { $0.wanted = wanted } }

  func submit(_ request: InferenceRequest) throws(AdmissionRefusal) {
    let bytes = request.inputs[0]
    state.withLock { state in
      guard state.wanted > 0, state.failure == nil else { return }
      do throws(Fault) { try state.sink?.write(unsafe Array(bytes.pointer)) } catch { state.failure = error }
      state.wanted -= 1
      state.count += 1
    }
    try unit.submit(request)
  }

  /// How many were kept; the file is whole then.
  func finish() throws(Fault) -> Int {
    let result = state.withLock { state -> Result<Int, Fault> in
      if let failure = state.failure { return .failure(failure) }
      do throws(Fault) { try state.sink?.finish() } catch { return .failure(error) }
      return .success(state.count)
    }
    return try result.get()
  }
}
