// librtmp as Swift sees it: a session over a connection that is there already, and nothing of its large structures.
#include <librtmp/log.h>
#include <librtmp/rtmp.h>
#include <stdlib.h>
#include <string.h>

/// Says hello and asks for the stream at an address, as something live; null where that is refused. The address stays the caller's, and must outlive the session.
static inline RTMP *ridley_rtmp_begin(char *address, int socket) {
  RTMP_LogSetLevel(RTMP_LOGCRIT);
  RTMP *session = RTMP_Alloc();
  if (!session) return NULL;
  RTMP_Init(session);
  if (RTMP_SetupURL(session, address)) {
    // What an address may say to have the library fetch other things is not listened to.
    session->Link.lFlags = (session->Link.lFlags & ~RTMP_LF_SWFV) | RTMP_LF_LIVE;
    session->Link.protocol &= ~(RTMP_FEATURE_SSL | RTMP_FEATURE_HTTP | RTMP_FEATURE_ENC);
    session->m_sb.sb_socket = socket;
    if (RTMP_Connect1(session, NULL) && RTMP_ConnectStream(session, 0)) return session;
  }
  RTMP_Close(session);
  RTMP_Free(session);
  return NULL;
}

static inline void ridley_rtmp_end(RTMP *session) {
  RTMP_Close(session);
  RTMP_Free(session);
}
