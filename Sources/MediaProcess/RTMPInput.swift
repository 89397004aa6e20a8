internal import Base
internal import Ingest
internal import Media

/// What a server of RTMP sends.
final class RTMPInput: ContainerInput {
  private let address: String
  private let descriptor: Int32
  private var receiver: RTMPReceiver?

  init(_ address: String, over descriptor: Int32) { (self.address, self.descriptor) = (address, descriptor) }

  var isEarly: Bool { false }
  var kind: StreamDemuxer.Kind? { .flash }

  func begin() throws(Fault) -> Bool {
    guard receiver == nil else { return false }
    receiver = try RTMPReceiver(address, connection: descriptor)
    return true
  }

  func read(upTo count: Int) -> [UInt8] { receiver?.read(upTo: count) ?? [] }
}
