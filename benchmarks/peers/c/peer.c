// libhadoofus, the C client of Hadoop 1, as a peer of the benchmark; see ../README.md for the lines. Calls are
// pipelined from one thread, which is what the library is good at; blocks are read whole, checksums verified.
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <hadoofus/highlevel.h>
#include <hadoofus/lowlevel.h>

static struct hdfs_namenode *namenode;

static void fail(struct hdfs_error error)
{
  printf("error %s: %s\n", hdfs_error_str_kind(error), hdfs_error_str(error));
  fflush(stdout);
  exit(1);
}

static long connect_to(const char *url)
{
  char host[256], port[16];
  struct hdfs_error error;
  if (sscanf(url, "hdfs://%255[^:]:%15[0-9]", host, port) != 2) exit(2);
  namenode = hdfs_namenode_new_version(host, port, "root", HDFS_NO_KERB, HDFS_NN_v1, &error);
  if (namenode == NULL) fail(error);
  return 0;
}

static void wait_for_namenode(void)
{
  struct pollfd ready = {0};
  struct hdfs_error error = hdfs_namenode_get_eventfd(namenode, &ready.fd, &ready.events);
  if (hdfs_is_error(error)) fail(error);
  poll(&ready, 1, -1);
}

static long stat_many(const char *path, long count, long inflight)
{
  long asked = 0, answered = 0;
  int64_t number;
  while (answered < count) {
    while (asked < count && asked - answered < inflight) {
      struct hdfs_error error = hdfs_getFileInfo_nb(namenode, path, &number, NULL);
      while (hdfs_is_again(error)) {
        wait_for_namenode();
        error = hdfs_namenode_invoke_continue(namenode);
      }
      if (hdfs_is_error(error)) fail(error);
      asked++;
    }
    for (;;) {
      struct hdfs_object *status;
      struct hdfs_error error = hdfs_namenode_recv(namenode, &status, &number, NULL);
      if (hdfs_is_again(error)) {
        wait_for_namenode();
        continue;
      }
      if (hdfs_is_error(error)) fail(error);
      if (status->ob_type != H_FILE_STATUS) exit(3);
      hdfs_object_free(status);
      answered++;
      break;
    }
  }
  return count;
}

static long read_file(const char *path)
{
  static char *buffer;
  static int64_t buffer_bytes;
  struct hdfs_object *exception = NULL;
  struct hdfs_object *blocks = hdfs_getBlockLocations(namenode, path, 0, 1LL << 50, &exception);
  if (exception != NULL || blocks == NULL) exit(4);
  long total = 0;
  for (int i = 0; i < blocks->ob_val._located_blocks._num_blocks; i++) {
    struct hdfs_object *block = blocks->ob_val._located_blocks._blocks[i];
    int64_t length = block->ob_val._located_block._len;
    struct hdfs_error error;
    if (length > buffer_bytes) {
      buffer = realloc(buffer, length);
      buffer_bytes = length;
    }
    struct hdfs_datanode *datanode =
        hdfs_datanode_new(block, "cairn-bench", HDFS_DATANODE_AP_1_0, HDFS_DN_OP_READ_BLOCK, &error);
    if (datanode == NULL) fail(error);
    error = hdfs_datanode_read(datanode, 0, length, buffer, true);
    if (hdfs_is_error(error)) fail(error);
    hdfs_datanode_delete(datanode);
    total += length;
  }
  hdfs_object_free(blocks);
  return total;
}

int main(void)
{
  char line[4096], path[2048];
  while (fgets(line, sizeof line, stdin) != NULL) {
    struct timespec start, end;
    long count = -1, calls, inflight;
    clock_gettime(CLOCK_MONOTONIC, &start);
    if (sscanf(line, "CONNECT %2047s", path) == 1) count = connect_to(path);
    else if (sscanf(line, "stat %2047s %ld %ld", path, &calls, &inflight) == 3)
      count = stat_many(path, calls, inflight);
    else if (sscanf(line, "read %2047s", path) == 1) count = read_file(path);
    clock_gettime(CLOCK_MONOTONIC, &end);
    double ms = (end.tv_sec - start.tv_sec) * 1e3 + (end.tv_nsec - start.tv_nsec) / 1e6;
    if (count < 0) printf("error no such job\n");
    else printf("ok %f %ld\n", ms, count);
    fflush(stdout);
  }
  return 0;
}
