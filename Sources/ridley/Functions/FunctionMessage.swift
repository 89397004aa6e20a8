import Base
import Isolation
import Lambda

/// What the process that works is given: an event, and by when it is to be over.
struct FunctionTask {
  var request: String
  /// Of ``FunctionDeadline/soft``.
  var deadline: UInt64
  /// Why its process was lost as often as is tried: it is given up and not begun.
  var lost: String?
  var event: [UInt8]

  /// The event is written anew: however long it came, it is short.
  init(_ event: TaskEvent, _ request: String, until deadline: UInt64) {
    (self.request, self.deadline, lost) = (request, deadline, nil)
    self.event = JSONWriter.object { event.write(into: &$0) }
  }

  init(_ message: Message) throws(Fault) {
    let parts = message.bytes.split(separator: 0, maxSplits: 3, omittingEmptySubsequences: false)
    let texts = parts.prefix(3).map { String(decoding: $0, as: UTF8.self) }
    guard parts.count == 4, let deadline = UInt64(texts[1]) else {
      throw Fault(.bug, "a process was given what it does not understand")
    }
    (request, self.deadline, lost) = (texts[0], deadline, texts[2].isEmpty ? nil : texts[2])
    event = Array(parts[3])
  }

  var message: Message {
    let texts = [request, "\(deadline)", lost ?? ""]
    return Message(kind: 0, bytes: Array(texts.joined(separator: "\0").utf8) + [0] + event)
  }
}

/// What the process that works says.
enum FunctionMessage {
  /// It waits for tasks.
  case ready
  /// It cannot begin, as the function is set up.
  case refused(Fault)
  case ended(Result<[UInt8], FunctionFailure>)
  /// Of what the bus hands out it is at this task, or at none by now.
  case atHand(WorkerMessage.Began?)

  init?(_ message: Message) {
    switch message.kind {
    case 1: self = .ready
    case 2: self = .refused(Fault(message.bytes))
    case 3: self = .ended(.success(message.bytes))
    case 4:
      let parts = message.bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let name = FunctionFailure.Name(rawValue: String(decoding: parts[0], as: UTF8.self))
      else { return nil }
      self = .ended(.failure(FunctionFailure(name, String(decoding: parts[1], as: UTF8.self))))
    case 5 where message.bytes.isEmpty: self = .atHand(nil)
    case 5:
      guard case .began(let began) = WorkerMessage(Message(kind: 1, bytes: message.bytes)) else { return nil }
      self = .atHand(began)
    default: return nil
    }
  }

  var message: Message {
    switch self {
    case .ready: Message(kind: 1)
    case .refused(let fault): Message(kind: 2, bytes: fault.bytes)
    case .ended(.success(let bytes)): Message(kind: 3, bytes: bytes)
    case .ended(.failure(let failure)):
      Message(kind: 4, bytes: Array("\(failure.name.rawValue)\0\(failure.message)".utf8))
    case .atHand(let began): Message(kind: 5, bytes: began.map { WorkerMessage.began($0).message.bytes } ?? [])
    }
  }
}

extension FunctionFailure {
  static let late = FunctionFailure(
    .tryAgain, "the function had no time left, or was asked to end, and the task was not done")

  /// By which name it is told that there is no process for tasks.
  init(ofStart fault: Fault) {
    switch fault.kind {
    case .closed: self = .late
    case .unavailable, .exhausted, .conflict, .bug: self.init(.tryAgain, fault.message)
    case .usage, .notFound, .badInput, .unsupported, .denied, .tooLarge: self.init(.wrongSetup, fault.message)
    }
  }

  /// By which name a task's fault is told; the item's own failure is none, it is `NeverDone`.
  init(_ fault: Fault) {
    switch fault.kind {
    case .usage where fault.message.contains("has no task"): self.init(.otherPlan, fault.message)
    case .usage, .notFound, .denied: self.init(.wrongCall, fault.message)
    case .badInput, .unsupported, .tooLarge, .conflict, .exhausted, .unavailable, .closed, .bug:
      self.init(.tryAgain, fault.message)
    }
  }
}
