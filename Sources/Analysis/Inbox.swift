internal import Base

/// Where answered questions wait for the thread that asked them; filled from the threads of the units.
final class Inbox: Sendable {
  private let desk = Monitor<[Question]>([])

  func put(_ question: Question) { desk.update { $0.append(question) } }

  /// Everything that has come, in the order of coming, into an empty list.
  func take(into list: inout [Question]) { desk.update { swap(&$0, &list) } }

  /// Sleeps until something is there, and leaves it there.
  func wait() { desk.wait { $0.isEmpty ? nil : () } }
}
