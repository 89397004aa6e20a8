public import Base
internal import CProcess
internal import Glibc

/// Runs work in a child process and outlives its crash.
public enum ChildProcess {
  /// Three quarters of the machine's memory, so that a greedy file ends its own process and no other.
  public static var usualMemory: Int { ProcessLimits.usualMemory }

  /// Runs `work` in a child process.
  ///
  /// In the child, `work` runs and its answer is the exit code; the child never returns from here.
  ///
  /// In the parent, `receive` gets every message in order until the child has ended. A fault of `receive` ends the child
  /// and is thrown on. `isStopped` is asked a few times a second; once true the child sees ``SharedFlags/isStopAsked``.
  /// `stall` is how many seconds without a message or a ``SharedFlags/beat()`` mean that the child hangs; it may change with what
  /// the child is doing. `memory` is how many bytes of private memory the child may have. `caughtUp` is called whenever all
  /// messages that came so far were received; its faults are those of `receive`.
  public static func run(
    memory: Int = usualMemory, stall: () -> Double, isStopped: () -> Bool = { false },
    receive: (Message) throws(Fault) -> Void = { _ in }, caughtUp: () throws(Fault) -> Void = {},
    work: (MessageWriter) -> Int32
  ) throws(Fault) -> Ending {
    SharedFlags.prepare()
    var ends: [Int32] = [-1, -1]
    guard unsafe ridley_pipe(&ends) == 0 else { throw Fault(.exhausted, "there are no file descriptors left") }
    let parent = getpid()
    let child = fork()
    guard child >= 0 else { throw Fault(.exhausted, "the system makes no more processes") }
    if child == 0 {
      close(ends[0])
      prepareChild(memory, parent)
      _exit(work(MessageWriter(ends[1])))
    }
    close(ends[1])
    let watch = Watch(child: child, pipe: ends[0])
    return try watch.run(stall: stall, isStopped: isStopped, receive: receive, caughtUp: caughtUp)
  }

  /// Ends this process: the system takes all memory back quicker than its owners can give it back, and threads that are at work still find nothing
  /// taken away below them.
  public static func leave(_ code: Int32) -> Never { _exit(code) }

  /// So many bytes of private memory for this process, until it says otherwise.
  public static func limit(memory: Int) { ProcessLimits.limit(memory: memory) }

  /// From now on this process ends with the one of this number that started it; at once where that has ended already.
  public static func endWithParent(_ parent: Int32) { ProcessLimits.endWithParent(parent) }

  /// Signals are the parent's to notice: it asks for the end through the board.
  static func prepareChild(_ memory: Int, _ parent: pid_t) {
    ProcessLimits.endWithParent(parent)
    ProcessLimits.leaveEndingToParent()
    ProcessLimits.crashSilently()
    ProcessLimits.limit(memory: memory)
  }
}

/// The parent's side while a child lives.
private struct Watch {
  let child: pid_t
  let pipe: Int32

  /// How often the board is looked at, in milliseconds.
  private static let tick: Int32 = 250

  func run(
    stall: () -> Double, isStopped: () -> Bool, receive: (Message) throws(Fault) -> Void,
    caughtUp: () throws(Fault) -> Void
  ) throws(Fault) -> ChildProcess.Ending {
    defer { close(pipe) }
    var inlet = MessageReader()
    var (beats, quiet) = (SharedFlags.beats, 0.0)
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      if isStopped() { SharedFlags.askToStop() }
      var waiting = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
      let ready = unsafe poll(&waiting, 1, Self.tick)
      if ready > 0 {
        guard let count = try? Descriptor.read(pipe, into: &bytes), count > 0 else { return ending() }
        inlet.append(bytes.prefix(count))
        quiet = 0
        do {
          while let message = inlet.next() { try receive(message) }
          try caughtUp()
        } catch {
          end()
          throw error
        }
      } else if ready == 0 {
        // Counted in ticks that were really waited: a program that was stopped by Ctrl-Z has not been idle.
        quiet = SharedFlags.beats == beats ? quiet + Double(Self.tick) / 1000 : 0
        beats = SharedFlags.beats
        let patience = stall()
        guard quiet < patience else {
          end()
          return .stalled(seconds: patience)
        }
      }
    }
  }

  private func end() {
    kill(child, SIGKILL)
    _ = ending()
  }

  private func ending() -> ChildProcess.Ending { ChildProcess.Ending(waitingFor: child) }
}
