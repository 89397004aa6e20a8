public import Base
internal import CProcess
internal import Glibc

/// Child processes that do tasks one after the other, as many as are wanted; for commands that have no threads yet.
///
/// A task goes down as a message, and messages come up as from ``ChildProcess``. A child that crashes or hangs is an event, and may be started
/// anew. One thread; children end with this object.
public final class ChildGroup {
  public enum Event {
    case message(child: Int, Message)
    /// It is gone: ``start(_:)`` makes another in its place.
    case ended(child: Int, ChildProcess.Ending)
  }

  /// Children at the same time, at most.
  public static let most = SharedFlags.places - 1

  private struct Child {
    var process: pid_t
    var pipe: Int32
    var tasks: MessageChannel
    var inlet = MessageReader()
    var beats: Int
    var quiet = 0.0
  }

  /// How often signs of life are looked at, in milliseconds.
  private static let tick: Int32 = 250

  private let memory: Int
  private let work: (Int, TaskReceiver, MessageWriter) -> Int32
  private var children: [Child?]
  private var bytes = [UInt8](repeating: 0, count: 1 << 16)

  /// `work` runs in a child, knows its number, and its answer is the exit code; `memory` is private bytes of each.
  public init(_ count: Int, memory: Int, work: @escaping (Int, TaskReceiver, MessageWriter) -> Int32) {
    precondition((1...Self.most).contains(count), "so many children have no place each")
    (self.memory, self.work, children) = (memory, work, Array(repeating: nil, count: count))
    SharedFlags.prepare()
  }

  deinit { for child in children.indices { end(child) } }

  public var count: Int { children.count }

  /// Makes the process with a number; it must not run.
  public func start(_ number: Int) throws(Fault) {
    var (up, down): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
    guard unsafe ridley_pipe(&up) == 0, unsafe ridley_channel(&down) == 0 else {
      throw Fault(.exhausted, "there are no file descriptors left")
    }
    let parent = getpid()
    let process = fork()
    guard process >= 0 else { throw Fault(.exhausted, "the system makes no more processes") }
    if process == 0 {
      for other in children { if let other { close(other.pipe); close(other.tasks.descriptor) } }
      close(up[0])
      close(down[0])
      SharedFlags.take(place: number + 1)
      ChildProcess.prepareChild(memory, parent)
      _exit(work(number, TaskReceiver(MessageChannel(down[1], isParent: false)), MessageWriter(up[1])))
    }
    close(up[1])
    close(down[1])
    children[number] = Child(
      process: process, pipe: up[0], tasks: MessageChannel(down[0], isParent: true),
      beats: SharedFlags.beats(at: number + 1))
  }

  /// Gives a child a task; that one is gone meanwhile is an event like any other.
  public func send(_ message: Message, to number: Int) {
    children[number]?.quiet = 0
    try? children[number]?.tasks.send(message)
  }

  /// What happened since the last call; waits a quarter of a second at most.
  ///
  /// `stall` is how many seconds without a sign of life mean that a child hangs; infinite for one that has nothing to do.
  public func events(stall: (Int) -> Double) -> [Event] {
    var events: [Event] = []
    let running = children.indices.filter { children[$0] != nil }
    var waiting = running.map { pollfd(fd: children[$0]!.pipe, events: Int16(POLLIN), revents: 0) }
    let isLate = unsafe poll(&waiting, nfds_t(waiting.count), Self.tick) == 0
    for (place, number) in running.enumerated() {
      if waiting[place].revents != 0 {
        read(number, &events)
      } else if isLate, let ending = look(after: number, patience: stall(number)) {
        events.append(.ended(child: number, ending))
      }
    }
    return events
  }

  private func read(_ number: Int, _ events: inout [Event]) {
    guard let count = try? Descriptor.read(children[number]!.pipe, into: &bytes), count > 0 else {
      let process = children[number]!.process
      letGo(number)
      return events.append(.ended(child: number, ChildProcess.Ending(waitingFor: process)))
    }
    children[number]!.quiet = 0
    children[number]!.inlet.append(bytes.prefix(count))
    while let message = children[number]!.inlet.next() { events.append(.message(child: number, message)) }
  }

  /// Ends one that hangs; waiting is counted in ticks, as a program that was stopped by Ctrl-Z has not been idle.
  private func look(after number: Int, patience: Double) -> ChildProcess.Ending? {
    let beats = SharedFlags.beats(at: number + 1)
    children[number]!.quiet =
      children[number]!.beats == beats ? children[number]!.quiet + Double(Self.tick) / 1000 : 0
    children[number]!.beats = beats
    guard children[number]!.quiet >= patience else { return nil }
    end(number)
    return .stalled(seconds: patience)
  }

  private func end(_ number: Int) {
    guard let child = children[number] else { return }
    kill(child.process, SIGKILL)
    letGo(number)
    _ = ChildProcess.Ending(waitingFor: child.process)
  }

  private func letGo(_ number: Int) {
    if let child = children[number] { close(child.pipe) }
    children[number] = nil
  }
}

/// A child's end of the way down: tasks, one after the other.
public final class TaskReceiver {
  private let channel: MessageChannel

  init(_ channel: MessageChannel) { self.channel = channel }

  /// Waits for the next task; `nil` where no more will come.
  public func next() -> Message? {
    guard case .message(let message, _) = channel.receive() else { return nil }
    return message
  }
}
