internal import Base
internal import Isolation

/// The parent's side of one model process.
///
/// One thread at a time asks; ``kill()`` comes from any.
final class ModelChild: Sendable {
  /// Why there is no answer; the process has ended.
  enum Trouble: Error {
    case late
    case ended(ChildProcess.Ending)
    /// It does not start, or says what cannot be understood.
    case fault(Fault)
  }

  private let process: SpawnedProcess
  let terms: Request.Terms

  init(_ options: ModelProcessOptions) throws(Fault) {
    process = try SpawnedProcess(program: options.program, arguments: options.arguments)
    terms = Request.Terms(parent: Int(ChildSide.ownID), memory: options.memory)
  }

  var id: Int32 { process.id }
  var hasEnded: Bool { process.hasEnded }

  func ask(_ request: Request, descriptor: Int32? = nil, until deadline: UInt64? = nil) throws(Trouble) -> Answer {
    // One that does not take it has ended, or is ended by the question how.
    do throws(Fault) { try process.channel.send(request.message, descriptor: descriptor) } catch {
      throw .ended(process.end())
    }
    return try hear(until: deadline)
  }

  /// What it says next.
  func hear(until deadline: UInt64? = nil) throws(Trouble) -> Answer {
    switch process.channel.receive(until: deadline) {
    case .message(let message, _):
      do throws(Fault) { return try Answer(message) } catch {
        _ = process.end()
        throw .fault(error)
      }
    case .ended: throw .ended(process.end())
    case .broken:
      _ = process.end()
      throw .fault(FieldReader.nonsense)
    case .late:
      _ = process.end()
      throw .late
    }
  }

  func kill() { process.kill() }
  func end() -> ChildProcess.Ending { process.end() }
}
