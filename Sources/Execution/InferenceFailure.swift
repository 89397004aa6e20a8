public import Base
public import Inference

/// Why a frame, a picture or a request has no answer.
public enum InferenceFailure: Error, Sendable {
  case refused(AdmissionRefusal)
  /// Its deadline passed first.
  case late
  case cancelled
  case failed(Fault)
  /// Another process or host had it, and gave no answer in time.
  case lost(Fault)

  /// Seconds after which it may be tried again, where that is known.
  public var retryAfter: Double? {
    if case .refused(let refusal) = self { refusal.retryAfter } else { nil }
  }

  /// The same for who knows faults only.
  public var fault: Fault {
    switch self {
    case .refused(let refusal): refusal.fault
    case .late: Fault(.exhausted, "the deadline passed before there was an answer")
    case .cancelled: Fault(.closed, "the client left")
    case .failed(let fault), .lost(let fault): fault
    }
  }
}
