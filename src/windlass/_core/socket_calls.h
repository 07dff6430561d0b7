/* What direct calls do to a socket past the Python object: look at what has come, take it, send; none of them waits. */
#ifndef WINDLASS_SOCKET_CALLS_H
#define WINDLASS_SOCKET_CALLS_H

#include <Python.h>

#if defined(_WIN32)
  static inline Py_ssize_t windlass_peek(int file, char *room, Py_ssize_t size) {
      (void)file; (void)room; (void)size; return -1;
  }
  static inline void windlass_take(int file, char *room, Py_ssize_t size) { (void)file; (void)room; (void)size; }
  static inline Py_ssize_t windlass_put(int file, const char *data, Py_ssize_t size) {
      (void)file; (void)data; (void)size; return -1;
  }
#else
  #include <errno.h>
  #include <sys/socket.h>
  #ifndef MSG_NOSIGNAL
    #define MSG_NOSIGNAL 0
  #endif
  static inline Py_ssize_t windlass_peek(int file, char *room, Py_ssize_t size) {
      return recv(file, room, (size_t)size, MSG_PEEK | MSG_DONTWAIT);
  }
  static inline void windlass_take(int file, char *room, Py_ssize_t size) {
      Py_ssize_t done = recv(file, room, (size_t)size, MSG_DONTWAIT);
      (void)done;  /* it was there when it was looked at, and nobody else reads */
  }
  /* How much was sent; all of it if the other side has gone, which somebody else will find. */
  static inline Py_ssize_t windlass_put(int file, const char *data, Py_ssize_t size) {
      Py_ssize_t done = send(file, data, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (done >= 0) return done;
      return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : size;
  }
#endif

#endif
