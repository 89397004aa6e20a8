public import Base
internal import CMosquitto
internal import Glibc

/// A session with a broker, over one connection; for one thread at a time.
@safe public final class MQTTSession {
  public struct Message: Sendable, Hashable {
    public var topic: String
    public var payload: [UInt8]
    /// The broker keeps it for those that come later.
    public var isRetained: Bool

    public init(_ topic: String, _ payload: [UInt8], isRetained: Bool = false) {
      (self.topic, self.payload, self.isRetained) = (topic, payload, isRetained)
    }
  }

  public struct Settings: Sendable, Hashable {
    /// Who asks; a broker lets go of an older session of the same name.
    public var name: String
    public var user: String?
    public var password: String?
    /// What the broker tells once the session is gone without a farewell.
    public var will: Message?
    /// Seconds after which a silent end is taken for gone.
    public var keepAlive = 30

    public init(name: String) { self.name = name }
  }

  private let session: OpaquePointer
  private var socket: Int32 = -1
  /// What the broker said to the hello; 0 is yes.
  fileprivate var welcome: CInt?
  fileprivate var acknowledged: CInt?
  fileprivate var isOver = false

  private static let begun: Bool = mosquitto_lib_init() == 0

  /// Says hello over a connected socket, which is the session's from now on, and waits for the answer up to a moment (monotonic nanoseconds).
  ///
  /// Faults are `unavailable`, and `denied` where the broker refuses.
  public init(_ settings: Settings, over descriptor: Int32, before deadline: UInt64) throws(Fault) {
    guard Self.begun, let made = unsafe mosquitto_new(settings.name, false, nil) else {
      close(descriptor)
      throw Fault.noMemory(to: "tell a broker of MQTT")
    }
    unsafe session = made
    unsafe mosquitto_user_data_set(made, Unmanaged.passUnretained(self).toOpaque())
    unsafe mosquitto_connect_callback_set(made, hearWelcome)
    unsafe mosquitto_publish_callback_set(made, hearAcknowledgement)
    unsafe mosquitto_disconnect_callback_set(made, hearFarewell)
    if let user = settings.user { unsafe mosquitto_username_pw_set(made, user, settings.password) }
    if let will = settings.will {
      unsafe mosquitto_will_set(made, will.topic, CInt(will.payload.count), will.payload, 1, will.isRetained)
    }
    socket = unsafe try MQTTHandover.begin(made, keepAlive: settings.keepAlive, over: descriptor)
    do throws(Fault) { try run(before: deadline) { $0.welcome != nil } } catch {
      // A refusal ends the session, which says less.
      if let welcome, welcome != 0 { throw Self.refusal(welcome) }
      throw error
    }
    guard let welcome, welcome == 0 else { throw Self.refusal(welcome ?? -1) }
  }

  deinit { unsafe mosquitto_destroy(session) }

  /// Tells a message at least once: returns when the broker has said that it has it.
  ///
  /// The fault is `unavailable`: it is not known then whether the broker has it, and the session is over.
  public func tell(_ message: Message, before deadline: UInt64) throws(Fault) {
    var number = CInt(0)
    acknowledged = nil
    let code = unsafe mosquitto_publish(
      session, &number, message.topic, CInt(message.payload.count), message.payload, 1, message.isRetained)
    guard code == MOSQ_ERR_SUCCESS.rawValue else { throw Self.fault(code) }
    try run(before: deadline) { $0.acknowledged == number }
  }

  /// Hears of what came meanwhile, and keeps the session alive; `false` where it is over.
  ///
  /// Does not wait.
  public func isAlive() -> Bool {
    do throws(Fault) { try step(milliseconds: 0) } catch { return false }
    return !isOver
  }

  /// Says farewell, so that the broker does not tell the will.
  public func end(before deadline: UInt64) {
    guard !isOver, unsafe mosquitto_disconnect(session) == MOSQ_ERR_SUCCESS.rawValue else { return }
    while !isOver, Clock.now < deadline, unsafe mosquitto_want_write(session) {
      do throws(Fault) { try step(milliseconds: 100) } catch { return }
    }
  }

  private func run(before deadline: UInt64, until isDone: (MQTTSession) -> Bool) throws(Fault) {
    while !isDone(self) {
      guard !isOver else { throw Fault(.unavailable, "the broker ended the session") }
      let now = Clock.now
      guard now < deadline else { throw Fault(.unavailable, "the broker does not answer in time") }
      try step(milliseconds: Int32(min(1000, (deadline - now) / 1_000_000 + 1)))
    }
  }

  /// libmosquitto's own loop waits by `select`, which knows no descriptor beyond 1023.
  private func step(milliseconds: Int32) throws(Fault) {
    let writes = unsafe mosquitto_want_write(session) ? Int16(POLLOUT) : 0
    var waiting = pollfd(fd: socket, events: Int16(POLLIN) | writes, revents: 0)
    guard unsafe poll(&waiting, 1, milliseconds) >= 0 || errno == EINTR else {
      throw SystemError.last.fault("wait for", "a broker")
    }
    var code = MOSQ_ERR_SUCCESS.rawValue
    if waiting.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 {
      code = unsafe mosquitto_loop_read(session, 1)
    }
    if code == 0, waiting.revents & Int16(POLLOUT) != 0 {
      code = unsafe mosquitto_loop_write(session, 1)
    }
    if code == 0 { code = unsafe mosquitto_loop_misc(session) }
    guard code == 0 else {
      isOver = true
      throw Self.fault(code)
    }
  }

  private static func fault(_ code: CInt) -> Fault {
    Fault(.unavailable, "the connection to the broker broke", cause: unsafe String(cString: mosquitto_strerror(code)))
  }

  private static func refusal(_ code: CInt) -> Fault {
    switch code {
    case 4, 5: Fault(.denied, "the broker refuses the user or the password")
    case 2: Fault(.denied, "the broker refuses the session's name")
    case 3: Fault(.unavailable, "the broker is not ready")
    default: Fault(.unavailable, "the broker refuses the session (\(code))")
    }
  }
}

/// The callbacks run inside calls of the session, on its thread, which it outlives.
private func owner(_ context: UnsafeMutableRawPointer?) -> MQTTSession? {
  unsafe context.map { unsafe Unmanaged<MQTTSession>.fromOpaque($0).takeUnretainedValue() }
}

@c private func hearWelcome(_ session: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ code: CInt) {
  unsafe owner(context)?.welcome = code
}

@c private func hearAcknowledgement(_ session: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ number: CInt) {
  unsafe owner(context)?.acknowledged = number
}

@c private func hearFarewell(_ session: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ code: CInt) {
  unsafe owner(context)?.isOver = true
}
