internal import Crypto

/// By what a rendition of a video is found again, so that it is made once.
public enum RenditionKey {
  /// 64 hexadecimal digits: the same for the same bytes of the video, settings, encoder and libraries, and for no others.
  ///
  /// `object` is the SHA-256 of the video; `identity` is everything else that decides the rendition's bytes, as its maker tells it.
  public static func of(object: String, identity: String) -> String {
    SHA256.hex(of: Array("ridley-rendition-1\n\(object)\n\(identity)\n".utf8))
  }
}
