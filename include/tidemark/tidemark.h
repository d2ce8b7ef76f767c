#ifndef TIDEMARK_TIDEMARK_H_
#define TIDEMARK_TIDEMARK_H_

// Everything that a host needs to open a store, append to its topics and read
// them back. The headers for tests of hosts are in tidemark/testing/.

#include "tidemark/clock.h"
#include "tidemark/codec.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/cursor_files.h"
#include "tidemark/cursor_options.h"
#include "tidemark/damage.h"
#include "tidemark/env.h"
#include "tidemark/error.h"
#include "tidemark/event.h"
#include "tidemark/health.h"
#include "tidemark/marks.h"
#include "tidemark/partition.h"
#include "tidemark/partition_options.h"
#include "tidemark/partitioner.h"
#include "tidemark/positions.h"
#include "tidemark/producer.h"
#include "tidemark/record.h"
#include "tidemark/records.h"
#include "tidemark/recovery_report.h"
#include "tidemark/segment.h"
#include "tidemark/store.h"
#include "tidemark/store_options.h"
#include "tidemark/subscriber.h"
#include "tidemark/topic.h"
#include "tidemark/topic_options.h"
#include "tidemark/types.h"
#include "tidemark/version.h"

#endif  // TIDEMARK_TIDEMARK_H_
