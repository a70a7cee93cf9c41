// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1

/// Says in requests of HTTP/1.0 what they mean without saying: that the connection closes behind the answer.
///
/// Hummingbird looks for `Connection: close` and does not know the version.
final class OldHTTPHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data), !head.isKeepAlive else {
            return context.fireChannelRead(data)
        }
        // RFC 9112, 9.3: 1.0 persists only with "keep-alive"; 1.1 unless "close" is among the options, in
        // any case of letters.
        head.headers.replaceOrAdd(name: "connection", value: "close")
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }
}
